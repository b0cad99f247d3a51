//! Every kind of difference: its code, its impact on the wire, and the reason.

use super::level::{Area, Level};
use serde::{Serialize, Serializer};

/// The facts about a kind.
#[derive(Debug, Clone, Copy)]
pub struct KindFacts {
    /// The name in ids and reports.
    pub code: &'static str,
    /// The API that it belongs to.
    pub area: Area,
    /// Its impact on the wire.
    pub wire: Level,
    /// Its impact in the other direction or case, which the explanation names. The same as `wire` if there is none.
    pub otherwise: Level,
    /// What it means.
    pub explanation: &'static str,
}

macro_rules! kinds {
    ($($kind:ident $code:literal $area:ident $wire:ident $(or $otherwise:ident)? $explanation:literal;)*) => {
        /// A kind of difference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each has its explanation in the table")]
        pub enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// All kinds, in the order of the documentation.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// The facts about it.
            pub fn facts(self) -> KindFacts {
                match self {
                    $(Kind::$kind => KindFacts {
                        code: $code,
                        area: Area::$area,
                        wire: Level::$wire,
                        otherwise: kinds!(@otherwise $wire $($otherwise)?),
                        explanation: $explanation,
                    },)*
                }
            }
        }
    };
    (@otherwise $wire:ident) => { Level::$wire };
    (@otherwise $wire:ident $otherwise:ident) => { Level::$otherwise };
}

kinds! {
    GraphqlRootChanged "graphql-root-changed" Graphql Breaking
        "The root type of queries, mutations or subscriptions is another one, or was removed.";
    GraphqlTypeAdded "graphql-type-added" Graphql Safe
        "No document mentions a type that did not exist.";
    GraphqlTypeRemoved "graphql-type-removed" Graphql Breaking
        "GitLab rejects documents that mention the type.";
    GraphqlTypeKindChanged "graphql-type-kind-changed" Graphql Breaking
        "Types of another kind are selected or written differently.";
    GraphqlFieldAdded "graphql-field-added" Graphql Safe
        "No document asks for a field that did not exist.";
    GraphqlFieldRemoved "graphql-field-removed" Graphql Breaking
        "GitLab rejects documents that ask for the field.";
    GraphqlFieldTypeChanged "graphql-field-type-changed" Graphql Breaking
        "The value has another type, or is selected differently.";
    GraphqlFieldNullable "graphql-field-nullable" Graphql Dangerous
        "The value may now be null. Documents stay valid, but a program may rely on the value.";
    GraphqlFieldNonNull "graphql-field-non-null" Graphql Safe
        "The value is now never null.";
    GraphqlArgumentAdded "graphql-argument-added" Graphql Safe
        "The new argument is optional. Documents that do not mention it stay valid.";
    GraphqlRequiredArgumentAdded "graphql-required-argument-added" Graphql Breaking
        "GitLab rejects documents without the new argument.";
    GraphqlArgumentRemoved "graphql-argument-removed" Graphql Breaking
        "GitLab rejects documents with the argument.";
    GraphqlArgumentTypeChanged "graphql-argument-type-changed" Graphql Breaking
        "GitLab rejects variables and values of the old type.";
    GraphqlArgumentNarrowed "graphql-argument-narrowed" Graphql Breaking
        "Null, or leaving it out, is now rejected.";
    GraphqlArgumentWidened "graphql-argument-widened" Graphql Safe
        "Null, or leaving it out, is now accepted.";
    GraphqlArgumentDefaultChanged "graphql-argument-default-changed" Graphql Dangerous
        "Documents without the argument may return something else.";
    GraphqlInputFieldAdded "graphql-input-field-added" Graphql Safe
        "The input object has a new optional field.";
    GraphqlRequiredInputFieldAdded "graphql-required-input-field-added" Graphql Breaking
        "GitLab rejects the input object without the new field.";
    GraphqlInputFieldRemoved "graphql-input-field-removed" Graphql Breaking
        "GitLab rejects the input object with the field.";
    GraphqlInputFieldTypeChanged "graphql-input-field-type-changed" Graphql Breaking
        "GitLab rejects values of the old type.";
    GraphqlInputFieldNarrowed "graphql-input-field-narrowed" Graphql Breaking
        "Null, or leaving it out, is now rejected.";
    GraphqlInputFieldWidened "graphql-input-field-widened" Graphql Safe
        "Null, or leaving it out, is now accepted.";
    GraphqlInputFieldDefaultChanged "graphql-input-field-default-changed" Graphql Dangerous
        "Input objects without the field may mean something else.";
    GraphqlEnumValueAdded "graphql-enum-value-added" Graphql Dangerous or Safe
        "Responses may contain a new value, which our enums keep as `Other`. Safe if the enum is only sent.";
    GraphqlEnumValueRemoved "graphql-enum-value-removed" Graphql Breaking or Safe
        "GitLab rejects the value. Safe if the enum is only in responses.";
    GraphqlUnionMemberAdded "graphql-union-member-added" Graphql Dangerous
        "Responses may contain objects of a type that was not possible here before.";
    GraphqlUnionMemberRemoved "graphql-union-member-removed" Graphql Breaking
        "GitLab rejects documents with a fragment on the type here.";
    GraphqlInterfaceAdded "graphql-interface-added" Graphql Dangerous
        "Responses with the interface may contain objects of this type.";
    GraphqlInterfaceRemoved "graphql-interface-removed" Graphql Breaking
        "GitLab rejects documents that treat the type as the interface.";
    GraphqlDirectiveAdded "graphql-directive-added" Graphql Safe
        "No document uses a directive that did not exist.";
    GraphqlDirectiveRemoved "graphql-directive-removed" Graphql Breaking
        "GitLab rejects documents with the directive.";
    GraphqlDirectiveLocationAdded "graphql-directive-location-added" Graphql Safe
        "The directive is allowed in one more place.";
    GraphqlDirectiveLocationRemoved "graphql-directive-location-removed" Graphql Breaking
        "GitLab rejects documents with the directive in this place.";
    GraphqlDeprecated "graphql-deprecated" Graphql Safe
        "It still works, but will be removed.";
    GraphqlUndeprecated "graphql-undeprecated" Graphql Safe
        "It will stay.";
    GraphqlDeprecationChanged "graphql-deprecation-changed" Graphql Safe
        "GitLab names another version for the deprecation or experiment.";
    GraphqlBecameExperiment "graphql-became-experiment" Graphql Dangerous
        "GitLab may change or remove it in any version from now on.";
    GraphqlExperimentEnded "graphql-experiment-ended" Graphql Safe
        "It is no longer an experiment.";
    GraphqlEnterpriseOnly "graphql-enterprise-only" Graphql Dangerous
        "Servers of the Community edition may no longer have it.";
    GraphqlEveryEdition "graphql-every-edition" Graphql Safe
        "Servers of every edition have it.";
    GraphqlRustChanged "graphql-rust-changed" Graphql Safe
        "Nothing changes on the wire. The generated code changes, because names or selections depend on the whole schema.";

    RestOperationAdded "rest-operation-added" Rest Safe
        "No program sends a request that did not exist.";
    RestOperationRemoved "rest-operation-removed" Rest Breaking
        "GitLab responds with 404 or 405.";
    RestOperationMoved "rest-operation-moved" Rest Breaking
        "The operation has another method or path. The old one is no longer documented.";
    RestDeprecated "rest-deprecated" Rest Safe
        "It still works, but will be removed.";
    RestUndeprecated "rest-undeprecated" Rest Safe
        "It will stay.";
    RestInputAdded "rest-input-added" Rest Safe
        "The new parameter is optional.";
    RestRequiredInputAdded "rest-required-input-added" Rest Breaking
        "GitLab rejects requests without the new parameter.";
    RestInputRemoved "rest-input-removed" Rest Dangerous
        "GitLab ignores parameters that it does not know: requests still run, without the effect of the parameter.";
    RestInputMoved "rest-input-moved" Rest Breaking
        "The parameter is sent in another place. In the old place it is ignored.";
    RestPathParameterRenamed "rest-path-parameter-renamed" Rest Safe
        "Only its position in the path matters.";
    RestInputRequired "rest-input-required" Rest Breaking
        "GitLab rejects requests without the parameter.";
    RestInputOptional "rest-input-optional" Rest Safe
        "The parameter is now optional.";
    RestInputTypeChanged "rest-input-type-changed" Rest Breaking
        "GitLab rejects values of the old type.";
    RestInputNarrowed "rest-input-narrowed" Rest Breaking
        "Some values that were accepted are now rejected.";
    RestInputWidened "rest-input-widened" Rest Safe
        "More values are accepted.";
    RestInputEncodingChanged "rest-input-encoding-changed" Rest Breaking
        "The value is encoded differently.";
    RestInputDefaultChanged "rest-input-default-changed" Rest Dangerous
        "Requests without the parameter may return or do something else.";
    RestInputNullAccepted "rest-input-null-accepted" Rest Safe
        "Null clears the value.";
    RestInputNullRejected "rest-input-null-rejected" Rest Breaking
        "Null is now rejected.";
    RestBodyFormatChanged "rest-body-format-changed" Rest Breaking
        "The request's body has another content type.";
    RestResponseChanged "rest-response-changed" Rest Breaking or Safe
        "The response has another form: a list, one value, a file, or nothing. Safe if it was nothing.";
    RestFileTypeChanged "rest-file-type-changed" Rest Dangerous
        "The response is still a file, but with another content type, which a program may not support.";
    RestStatusChanged "rest-status-changed" Rest Dangerous
        "Success has another status.";
    RestOtherSuccessChanged "rest-other-success-changed" Rest Dangerous or Safe
        "A success may have other statuses besides the usual one, with responses of another form. Safe if a status was removed.";
    RestErrorStatusChanged "rest-error-status-changed" Rest Safe
        "Failed requests may have other statuses. In Rust, each of them is an error with its status.";
    RestPagingChanged "rest-paging-changed" Rest Dangerous or Safe
        "The list is paged differently, and one request may not return all of it. Safe if a way of paging was added.";
    RestRetryChanged "rest-retry-changed" Rest Dangerous or Safe
        "Sending it twice may have another effect than sending it once, so it is not retried. Safe in the other direction.";
    RestOutputAdded "rest-output-added" Rest Safe
        "Responses have a new field, which no program reads yet.";
    RestOutputRemoved "rest-output-removed" Rest Breaking
        "Responses lack the field. Existing code gets `None`; newly generated code has no such field.";
    RestOutputTypeChanged "rest-output-type-changed" Rest Breaking
        "The value has another type.";
    RestOutputWidened "rest-output-widened" Rest Dangerous
        "Responses may contain values that were not possible before.";
    RestOutputNarrowed "rest-output-narrowed" Rest Safe
        "Responses contain fewer kinds of values.";
    RestOutputNullable "rest-output-nullable" Rest Dangerous
        "The value may now be null. Our types always have an `Option` for it.";
    RestOutputNonNull "rest-output-non-null" Rest Safe
        "The value is now never null.";
    RestEnumValueAdded "rest-enum-value-added" Rest Dangerous or Safe
        "Responses may contain a new value, which our enums keep as `Other`. Safe if the enum is only sent.";
    RestEnumValueRemoved "rest-enum-value-removed" Rest Breaking or Safe
        "GitLab rejects the value. Safe if the enum is only in responses.";
    RestTypeAdded "rest-type-added" Rest Safe
        "A type was added with new operations or fields.";
    RestTypeRemoved "rest-type-removed" Rest Safe
        "A type was removed with the operations or fields that used it, which are listed separately.";
    RestRustChanged "rest-rust-changed" Rest Safe
        "Nothing changes on the wire. The generated code changes, because names depend on the whole schema.";
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.facts().code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_begin_with_their_area() {
        let mut codes = BTreeSet::new();
        for kind in Kind::ALL {
            let facts = kind.facts();
            assert!(codes.insert(facts.code), "{} is there twice", facts.code);
            assert!(facts.code.starts_with(facts.area.as_str()), "{}", facts.code);
            assert!(facts.explanation.ends_with('.'), "{}", facts.code);
        }
    }
}
