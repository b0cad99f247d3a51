//! The cost of a document by GitLab's rules.
//!
//! GitLab rejects documents that exceed a limit of complexity, depth or length. The score is computed from the leaves
//! upward: each field adds its own price to the sum of its selection, and a connection multiplies by its page size. The
//! schema does not show which fields have a resolver. Fields with arguments, connections and root fields nearly always
//! have one, so the estimate assumes it for these.

use crate::descriptor::MAX_PAGE_SIZE;

/// The limits for documents of signed-in users.
pub const LIMITS: Limits = Limits { complexity: 250, depth: 20, characters: 10_000, page_size: MAX_PAGE_SIZE };

/// GitLab's limits for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The highest score.
    pub complexity: u32,
    /// The deepest nesting of fields.
    pub depth: u32,
    /// The longest document.
    pub characters: usize,
    /// The most items on a page.
    pub page_size: u32,
}

/// Fields whose values are read from repositories on disk.
const REPOSITORY: &[&str] = &[
    "blobs",
    "branchNames",
    "codequalityReportsComparer",
    "commit",
    "commits",
    "commitsWithoutMergeCommits",
    "diffHeadSha",
    "diffRefs",
    "diffStats",
    "diffStatsSummary",
    "lastCommit",
    "paginatedTree",
    "pipelineCount",
    "rawTextBlob",
    "rootRef",
    "tree",
];

/// What the price of a field depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// Whether a resolver computes it.
    pub resolver: bool,
    /// The additional price of the given arguments and of the kind of field.
    pub surcharge: u32,
    /// The page size, if the field is a connection.
    pub page: Option<u32>,
}

impl Price {
    /// The price of a plain field.
    pub const PLAIN: Price = Price { resolver: false, surcharge: 0, page: None };

    /// The price of a field.
    ///
    /// `is_root` and `takes_arguments` come from the schema. `given` has the names of the arguments that the document
    /// sets. `page` is the page size of a connection.
    pub fn of(name: &str, is_root: bool, takes_arguments: bool, given: &[&str], page: Option<u32>) -> Price {
        let has = |wanted: &str| given.contains(&wanted);
        let resolver = is_root || takes_arguments || page.is_some();
        let mut surcharge = u32::from(REPOSITORY.contains(&name));
        if resolver {
            surcharge += u32::from(has("sort")) + if has("search") { 5 } else { 0 };
            surcharge += if name == "issues" && has("labelName") { 2 } else { 0 };
        }
        // A list of known items is not multiplied by a page size.
        let page = page.map(|size| if has("iid") || has("iids") { 0 } else { size.min(LIMITS.page_size) });
        Price { resolver, surcharge, page }
    }

    /// The score of the field if its selection costs `child`.
    pub fn score(self, child: u32) -> u32 {
        let base = child.saturating_add(1).saturating_add(self.surcharge);
        match self.page {
            Some(size) => {
                base.saturating_add(u32::try_from(u64::from(base) * u64::from(size) / 100).unwrap_or(u32::MAX))
            }
            None => base,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_matches_the_documented_example() {
        let nodes = Price::PLAIN.score(10);
        let page_info = Price::PLAIN.score(2);
        assert_eq!(nodes + page_info, 14);
        let pipelines = Price::of("pipelines", false, true, &["first"], Some(100)).score(nodes + page_info);
        assert_eq!(pipelines, 30);
        assert_eq!(Price::of("project", true, true, &["fullPath"], None).score(pipelines), 31);
    }

    #[test]
    fn arguments_add_to_the_price_and_keys_remove_the_factor() {
        let plain = Price::of("issues", false, true, &[], Some(100));
        assert_eq!(plain.score(9), 20);
        assert_eq!(Price::of("issues", false, true, &["sort", "labelName"], Some(100)).score(9), 26);
        assert_eq!(Price::of("issues", false, true, &["search"], Some(50)).score(9), 22);
        assert_eq!(Price::of("issues", false, true, &["iids"], Some(100)).score(9), 10);
        assert_eq!(Price::of("issues", false, true, &[], Some(1000)), plain);
        assert_eq!(Price::PLAIN.score(u32::MAX), u32::MAX);
    }
}
