/** Texts as nobody would write them, the same for the same seed. */

const PIECES = [
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "`",
  "'",
  '"',
  "${",
  "=>",
  "<",
  ">",
  "/",
  "/*",
  "*/",
  "//",
  "@",
  ".",
  "?.",
  ",",
  ";",
  ":",
  "=",
  "!",
  "\n",
  "class ",
  "async ",
  "await ",
  "import ",
  "export default ",
  "function ",
  "return ",
  "if (",
  "else ",
  "const a = ",
  "SELECT ",
  "FROM ",
  "\u0000",
  "\uD800",
  "\uFEFF",
  "…",
  "<a>",
  "@@",
  "// slo-allow x: y\n",
];

/** Numbers from 0 to 1, the last not included. */
export type Random = () => number;

/** One to three cuts, repetitions and insertions. */
export function mangle(text: string, random: Random): string {
  let it = text;
  const times = 1 + Math.floor(random() * 3);
  for (let n = 0; n < times; n++) {
    const at = Math.floor(random() * it.length);
    const to = Math.floor(random() * it.length);
    const piece = PIECES[Math.floor(random() * PIECES.length)]!;
    switch (Math.floor(random() * 7)) {
      case 0:
        it = it.slice(0, at);
        break;
      case 1:
        it = it.slice(0, at) + it.slice(at + Math.floor(random() * 60));
        break;
      case 2:
        it = it.slice(0, at) + piece + it.slice(at);
        break;
      case 3:
        it = it.slice(0, at) + it.slice(Math.min(at, to), Math.max(at, to)).slice(0, 5_000) + it.slice(at);
        break;
      case 4:
        it = it.slice(0, at) + it.slice(to);
        break;
      case 5:
        it = it.slice(0, at) + piece.repeat(1 + Math.floor(random() * 300)) + it.slice(at);
        break;
      default:
        it = it.slice(at);
    }
    it = it.slice(0, 1_000_000);
  }
  return it;
}

/** What a person's fingers do: a piece put in, a stretch taken out or pasted from elsewhere in the text. */
export function edit(
  text: string,
  random: Random,
): { readonly from: number; readonly to: number; readonly text: string } {
  const from = Math.floor(random() * (text.length + 1));
  const reach = Math.min(text.length, from + Math.floor(random() ** 3 * 2_000));
  switch (Math.floor(random() * 4)) {
    case 0:
      return { from, to: from, text: pieceOf(random) };
    case 1:
      return { from, to: reach, text: "" };
    case 2: {
      const at = Math.floor(random() * text.length);
      return { from, to: from, text: text.slice(at, at + Math.floor(random() * 400)) };
    }
    default:
      return { from, to: reach, text: pieceOf(random) };
  }
}

const pieceOf = (random: Random): string => PIECES[Math.floor(random() * PIECES.length)]!;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
