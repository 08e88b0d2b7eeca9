export function run({ a, b }: { readonly a: number; readonly b: number }): number {
  return a * b;
}
