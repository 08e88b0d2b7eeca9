/** What the other end says against the protocol: a fault of its own. Whatever else is thrown is ours. */
export class Breach extends Error {
  override readonly name = "Breach";
}
