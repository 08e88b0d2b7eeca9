/** One question about an argument of a system call: its lower 32 bits, masked, against a number. */
export interface Question {
  readonly argument: 0 | 1 | 2 | 3 | 4 | 5;
  /** The upper half of the argument, for pointers. */
  readonly isUpper?: boolean;
  readonly mask?: number;
  readonly is: number;
}

export interface Rule {
  readonly number: number;
  /** Alternatives; of one of them every question has to be answered with yes. */
  readonly when: readonly (readonly Question[])[];
  readonly verdict: Action;
  /** Where no alternative fits. */
  readonly otherwise: Action;
}

export type Action = "allow" | "kill" | { readonly error: number };

export interface Program {
  /** As the kernel names the machine; a call made in another way ends the process. */
  readonly machine: number;
  /** Numbers from here on are another table of calls; using them ends the process. */
  readonly foreignFrom: number;
  readonly rules: readonly Rule[];
  /** What a call gets that no rule is about. */
  readonly otherwise: Action;
}

/**
 * A program for the kernel's seccomp filter: classic BPF, eight bytes an instruction, run before
 * each system call with its number and arguments as input.
 */
export function assemble({ machine, foreignFrom, rules, otherwise }: Program): Uint8Array {
  const code = [
    ...[load(at.machine), skipUnless(op.equal, machine, 1)],
    ...[skip(1), end("kill")],
    ...[load(at.number), skipUnless(op.atLeast, foreignFrom, 1), end("kill")],
    ...rules.flatMap(blockOf),
    end(otherwise),
  ];
  const bytes = Buffer.alloc(code.length * 8);
  code.forEach(({ operation, yes, no, value }, index) => {
    bytes.writeUInt16LE(operation, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}

interface Instruction {
  readonly operation: number;
  /** Instructions to leave out after this one, by the answer. */
  readonly yes: number;
  readonly no: number;
  readonly value: number;
}

const op = { load: 0x20, skip: 0x05, equal: 0x15, atLeast: 0x35, mask: 0x54, end: 0x06 } as const;

/** Where the kernel puts what it asks about. */
const at = { number: 0, machine: 4, arguments: 16 } as const;

/** A block ends the program or is left out whole, so the number stays loaded from rule to rule. */
function blockOf({ number, when, verdict, otherwise }: Rule): readonly Instruction[] {
  const body =
    when.length === 0
      ? [end(verdict)]
      : [...when.flatMap((questions) => alternative(questions, verdict)), end(otherwise)];
  return [skipUnless(op.equal, number, body.length), ...body];
}

function alternative(questions: readonly Question[], verdict: Action): readonly Instruction[] {
  const code = [end(verdict)];
  // From behind, because each one says how much to leave out.
  for (const question of questions.toReversed()) code.unshift(...ask(question, code.length));
  return code;
}

function ask({ argument, isUpper, mask, is }: Question, rest: number): readonly Instruction[] {
  return [
    load(at.arguments + argument * 8 + (isUpper ? 4 : 0)),
    ...(mask === undefined ? [] : [plain(op.mask, mask)]),
    skipUnless(op.equal, is, rest),
  ];
}

function load(offset: number): Instruction {
  return plain(op.load, offset);
}

function skip(count: number): Instruction {
  return plain(op.skip, count);
}

function skipUnless(operation: number, value: number, count: number): Instruction {
  if (count > 255) throw new Error("a block of the filter is too long to be left out");
  return { operation, yes: 0, no: count, value };
}

function end(action: Action): Instruction {
  if (action === "allow") return plain(op.end, 0x7fff_0000);
  if (action === "kill") return plain(op.end, 0x8000_0000);
  return plain(op.end, 0x0005_0000 + action.error);
}

function plain(operation: number, value: number): Instruction {
  return { operation, yes: 0, no: 0, value };
}
