//! Generates the methods that a blocking type has in common with its asynchronous counterpart.

/// Generates the methods with these signatures. They call the method of the same name on `self.inner`:
///
/// - `fn name(self, ..) -> Self` changes it,
/// - other `fn` return its result,
/// - `async fn` wait for its result, by `self.engine`.
///
/// The literal is the path of the asynchronous type in this crate.
macro_rules! mirror {
    ($of:literal) => {};
    ($of:literal pub fn $name:ident(self $(, $arg:ident: $ty:ty)*) -> Self; $($rest:tt)*) => {
        #[doc = concat!("See [`glabflow::", $of, "::", stringify!($name), "`](crate::", $of, "::", stringify!($name), ").")]
        pub fn $name(self $(, $arg: $ty)*) -> Self {
            self.change(|inner| inner.$name($($arg),*))
        }
        mirror!($of $($rest)*);
    };
    ($of:literal pub fn $name:ident(&self $(, $arg:ident: $ty:ty)*) -> $out:ty; $($rest:tt)*) => {
        #[doc = concat!("See [`glabflow::", $of, "::", stringify!($name), "`](crate::", $of, "::", stringify!($name), ").")]
        pub fn $name(&self $(, $arg: $ty)*) -> $out {
            self.inner.$name($($arg),*)
        }
        mirror!($of $($rest)*);
    };
    ($of:literal pub async fn $name:ident(self $(, $arg:ident: $ty:ty)*) -> $out:ty; $($rest:tt)*) => {
        #[doc = concat!("See [`glabflow::", $of, "::", stringify!($name), "`](crate::", $of, "::", stringify!($name), ").")]
        ///
        /// # Errors
        /// As for that method.
        pub fn $name(self $(, $arg: $ty)*) -> $out {
            self.engine.wait(self.inner.$name($($arg),*))
        }
        mirror!($of $($rest)*);
    };
    ($of:literal pub async fn $name:ident(&self $(, $arg:ident: $ty:ty)*) -> $out:ty; $($rest:tt)*) => {
        #[doc = concat!("See [`glabflow::", $of, "::", stringify!($name), "`](crate::", $of, "::", stringify!($name), ").")]
        ///
        /// # Errors
        /// As for that method.
        pub fn $name(&self $(, $arg: $ty)*) -> $out {
            self.engine.wait(self.inner.$name($($arg),*))
        }
        mirror!($of $($rest)*);
    };
}
pub(super) use mirror;
