// The preset's published types name a package that it does not depend on.
declare module "@secretlint/secretlint-rule-aws" {
  export type Options = object;
}
