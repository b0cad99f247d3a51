//! Every kind of difference: its code, what it means on the wire, and why.

use super::level::{Area, Level};
use serde::{Serialize, Serializer};

/// What is known of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The name in ids and reports.
    pub code: &'static str,
    /// Which API it is about.
    pub area: Area,
    /// Its impact on the wire.
    pub wire: Level,
    /// Its impact in the other direction or case, which the explanation names; the same where there is none.
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

            /// What is known of it.
            pub fn facts(self) -> Facts {
                match self {
                    $(Kind::$kind => Facts {
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
        "Another type is the root of queries, mutations or subscriptions, or there is none any more.";
    GraphqlTypeAdded "graphql-type-added" Graphql Safe
        "No document mentions a type that did not exist.";
    GraphqlTypeRemoved "graphql-type-removed" Graphql Breaking
        "GitLab refuses documents that mention the type.";
    GraphqlTypeKindChanged "graphql-type-kind-changed" Graphql Breaking
        "A type of another kind is selected, or written, in another way.";
    GraphqlFieldAdded "graphql-field-added" Graphql Safe
        "No document asks for a field that did not exist.";
    GraphqlFieldRemoved "graphql-field-removed" Graphql Breaking
        "GitLab refuses documents that ask for the field.";
    GraphqlFieldTypeChanged "graphql-field-type-changed" Graphql Breaking
        "The value is another one, or is selected in another way.";
    GraphqlFieldNullable "graphql-field-nullable" Graphql Dangerous
        "The value may be null where it never was. Documents stay valid; a program that relies on a value gets none.";
    GraphqlFieldNonNull "graphql-field-non-null" Graphql Safe
        "The value is never null any more.";
    GraphqlArgumentAdded "graphql-argument-added" Graphql Safe
        "An argument that may be left out is new; documents that do not mention it stay as they are.";
    GraphqlRequiredArgumentAdded "graphql-required-argument-added" Graphql Breaking
        "GitLab refuses documents that do not give the new argument.";
    GraphqlArgumentRemoved "graphql-argument-removed" Graphql Breaking
        "GitLab refuses documents that give the argument.";
    GraphqlArgumentTypeChanged "graphql-argument-type-changed" Graphql Breaking
        "GitLab refuses variables and values of the old type.";
    GraphqlArgumentNarrowed "graphql-argument-narrowed" Graphql Breaking
        "Null, or leaving it out, is refused now.";
    GraphqlArgumentWidened "graphql-argument-widened" Graphql Safe
        "Null, or leaving it out, is accepted now.";
    GraphqlArgumentDefaultChanged "graphql-argument-default-changed" Graphql Dangerous
        "Documents that do not give the argument may get something else.";
    GraphqlInputFieldAdded "graphql-input-field-added" Graphql Safe
        "A field that may be left out is new in an input object.";
    GraphqlRequiredInputFieldAdded "graphql-required-input-field-added" Graphql Breaking
        "GitLab refuses the input object without the new field.";
    GraphqlInputFieldRemoved "graphql-input-field-removed" Graphql Breaking
        "GitLab refuses the input object with the field.";
    GraphqlInputFieldTypeChanged "graphql-input-field-type-changed" Graphql Breaking
        "GitLab refuses values of the old type.";
    GraphqlInputFieldNarrowed "graphql-input-field-narrowed" Graphql Breaking
        "Null, or leaving it out, is refused now.";
    GraphqlInputFieldWidened "graphql-input-field-widened" Graphql Safe
        "Null, or leaving it out, is accepted now.";
    GraphqlInputFieldDefaultChanged "graphql-input-field-default-changed" Graphql Dangerous
        "Input objects without the field may mean something else.";
    GraphqlEnumValueAdded "graphql-enum-value-added" Graphql Dangerous or Safe
        "Answers may hold a value that did not exist, which our enums keep as `Other`; safe where the enum is only sent.";
    GraphqlEnumValueRemoved "graphql-enum-value-removed" Graphql Breaking or Safe
        "GitLab refuses the value; safe where the enum is only in answers.";
    GraphqlUnionMemberAdded "graphql-union-member-added" Graphql Dangerous
        "Answers may hold an object of a type that did not come here before.";
    GraphqlUnionMemberRemoved "graphql-union-member-removed" Graphql Breaking
        "GitLab refuses documents with a fragment on the type here.";
    GraphqlInterfaceAdded "graphql-interface-added" Graphql Dangerous
        "Where the interface is answered with, an object of this type may come.";
    GraphqlInterfaceRemoved "graphql-interface-removed" Graphql Breaking
        "GitLab refuses documents that treat the type as the interface.";
    GraphqlDirectiveAdded "graphql-directive-added" Graphql Safe
        "No document uses a directive that did not exist.";
    GraphqlDirectiveRemoved "graphql-directive-removed" Graphql Breaking
        "GitLab refuses documents with the directive.";
    GraphqlDirectiveLocationAdded "graphql-directive-location-added" Graphql Safe
        "The directive may stand in one more place.";
    GraphqlDirectiveLocationRemoved "graphql-directive-location-removed" Graphql Breaking
        "GitLab refuses documents with the directive in this place.";
    GraphqlDeprecated "graphql-deprecated" Graphql Safe
        "It works, and is going to be removed.";
    GraphqlUndeprecated "graphql-undeprecated" Graphql Safe
        "It is going to stay.";
    GraphqlDeprecationChanged "graphql-deprecation-changed" Graphql Safe
        "GitLab names another version for the deprecation or experiment.";
    GraphqlBecameExperiment "graphql-became-experiment" Graphql Dangerous
        "GitLab may change or remove it in any version from now on.";
    GraphqlExperimentEnded "graphql-experiment-ended" Graphql Safe
        "It is no experiment any more.";
    GraphqlEnterpriseOnly "graphql-enterprise-only" Graphql Dangerous
        "Servers of the Community edition may not have it any more.";
    GraphqlEveryEdition "graphql-every-edition" Graphql Safe
        "Servers of every edition have it.";
    GraphqlRustChanged "graphql-rust-changed" Graphql Safe
        "Nothing changes on the wire. The generated code changes, because names or selections follow from the whole schema.";

    RestOperationAdded "rest-operation-added" Rest Safe
        "No program sends a request that did not exist.";
    RestOperationRemoved "rest-operation-removed" Rest Breaking
        "GitLab answers requests with 404 or 405.";
    RestOperationMoved "rest-operation-moved" Rest Breaking
        "The operation is under another method or path, and the old one is not documented any more.";
    RestDeprecated "rest-deprecated" Rest Safe
        "It works, and is going to be removed.";
    RestUndeprecated "rest-undeprecated" Rest Safe
        "It is going to stay.";
    RestInputAdded "rest-input-added" Rest Safe
        "A parameter that may be left out is new.";
    RestRequiredInputAdded "rest-required-input-added" Rest Breaking
        "GitLab refuses requests without the new parameter.";
    RestInputRemoved "rest-input-removed" Rest Dangerous
        "GitLab ignores parameters that it does not know: requests still run, without what the parameter asked for.";
    RestInputMoved "rest-input-moved" Rest Breaking
        "The parameter travels in another place; in the old one it is ignored.";
    RestPathParameterRenamed "rest-path-parameter-renamed" Rest Safe
        "Only its place in the path matters.";
    RestInputRequired "rest-input-required" Rest Breaking
        "GitLab refuses requests without the parameter.";
    RestInputOptional "rest-input-optional" Rest Safe
        "The parameter may be left out.";
    RestInputTypeChanged "rest-input-type-changed" Rest Breaking
        "GitLab refuses values of the old type.";
    RestInputNarrowed "rest-input-narrowed" Rest Breaking
        "Some values that were accepted are refused.";
    RestInputWidened "rest-input-widened" Rest Safe
        "More values are accepted.";
    RestInputEncodingChanged "rest-input-encoding-changed" Rest Breaking
        "The value is written in another way.";
    RestInputDefaultChanged "rest-input-default-changed" Rest Dangerous
        "Requests without the parameter may get or do something else.";
    RestInputNullAccepted "rest-input-null-accepted" Rest Safe
        "Null clears the value.";
    RestInputNullRefused "rest-input-null-refused" Rest Breaking
        "Null is refused now.";
    RestBodyFormatChanged "rest-body-format-changed" Rest Breaking
        "The request's body has another content type.";
    RestAnswerChanged "rest-answer-changed" Rest Breaking or Safe
        "The answer is of another form: a list, one value, a file, or nothing; safe where nothing came before.";
    RestFileTypeChanged "rest-file-type-changed" Rest Dangerous
        "The answer is still a file, but of another content type, which a program that reads it may not understand.";
    RestStatusChanged "rest-status-changed" Rest Dangerous
        "Success has another status.";
    RestOtherSuccessChanged "rest-other-success-changed" Rest Dangerous or Safe
        "Success may have other statuses besides the usual one, with answers of another form; safe where one went.";
    RestErrorStatusChanged "rest-error-status-changed" Rest Safe
        "Requests that fail may end with other statuses. In Rust each of them is an error that tells its status.";
    RestPagingChanged "rest-paging-changed" Rest Dangerous or Safe
        "The list is paged in another way, and one request may not give all of it; safe where one more way is offered.";
    RestRetryChanged "rest-retry-changed" Rest Dangerous or Safe
        "Sending it twice may have another effect than sending it once, so it is not repeated; safe the other way round.";
    RestOutputAdded "rest-output-added" Rest Safe
        "Answers have a field that no program reads.";
    RestOutputRemoved "rest-output-removed" Rest Breaking
        "Answers lack the field. Our types leave it `None`; the generated field is gone.";
    RestOutputTypeChanged "rest-output-type-changed" Rest Breaking
        "The value is of another type.";
    RestOutputWidened "rest-output-widened" Rest Dangerous
        "Answers may hold values that did not come before.";
    RestOutputNarrowed "rest-output-narrowed" Rest Safe
        "Answers hold fewer kinds of values.";
    RestOutputNullable "rest-output-nullable" Rest Dangerous
        "The value may be null where it never was. Our types have an `Option` for it in any case.";
    RestOutputNonNull "rest-output-non-null" Rest Safe
        "The value is never null any more.";
    RestEnumValueAdded "rest-enum-value-added" Rest Dangerous or Safe
        "Answers may hold a value that did not exist, which our enums keep as `Other`; safe where the enum is only sent.";
    RestEnumValueRemoved "rest-enum-value-removed" Rest Breaking or Safe
        "GitLab refuses the value; safe where the enum is only in answers.";
    RestTypeAdded "rest-type-added" Rest Safe
        "A type came with operations or fields that are new.";
    RestTypeRemoved "rest-type-removed" Rest Safe
        "A type went with the operations or fields that used it, which are listed by themselves.";
    RestRustChanged "rest-rust-changed" Rest Safe
        "Nothing changes on the wire. The generated code changes, because names follow from the whole schema.";
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
