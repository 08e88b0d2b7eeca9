import { cleanLabel, type Label } from "../../../manifests/label.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import { Gate } from "../../broker/gate.ts";

/**
 * A door that leads nowhere but during somebody's turn, and then through theirs. What was asked in
 * one turn and is not done when it is over stays with its own door, which its owner closes.
 */
export class TurnDoor implements BrokerDoor {
  readonly signal: AbortSignal;
  readonly entries: [] = [];
  readonly read: Label = cleanLabel;
  readonly #turns = new Gate(1);
  #current: BrokerDoor | undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  async during<T>(
    door: BrokerDoor | undefined,
    use: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const turn = async (): Promise<T> => {
      this.#current = door;
      try {
        return await use();
      } finally {
        this.#current = undefined;
      }
    };
    return await this.#turns.pass(turn, signal);
  }

  request: BrokerDoor["request"] = async (...asked) => await this.#door().request(...asked);
  pass: BrokerDoor["pass"] = async (...asked) => await this.#door().pass(...asked);
  tunnel: BrokerDoor["tunnel"] = async (...asked) => await this.#door().tunnel(...asked);
  mount: BrokerDoor["mount"] = async (...asked) => await this.#door().mount(...asked);
  copyIn: BrokerDoor["copyIn"] = async (...asked) => await this.#door().copyIn(...asked);
  copyOut: BrokerDoor["copyOut"] = async (...asked) => await this.#door().copyOut(...asked);
  redact: BrokerDoor["redact"] = (text) => this.#door().redact(text);
  refuseHandles: BrokerDoor["refuseHandles"] = (...said) => this.#door().refuseHandles(...said);
  close: BrokerDoor["close"] = () => Promise.resolve();

  #door(): BrokerDoor {
    if (this.signal.aborted) throw new Refusal("CANCELLED");
    if (!this.#current) throw new Refusal("EGRESS_DENIED", "the service serves no call");
    return this.#current;
  }
}
