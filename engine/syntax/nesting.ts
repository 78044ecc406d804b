/**
 * How deep a text makes a recursive parser go, at most, guessed from its characters alone.
 *
 * A native parser has no guard on its stack: a file of two thousand opening parentheses ends the process. So whoever
 * hands text to one asks this first. The guess errs upwards (a `<` may be a comparison), which costs only speed, since
 * the reference parser, which overflows with an exception, reads the text then.
 */

/** What a parser bears: steps of recursion, and elements or type assertions within each other (`<a><a>…`). */
export interface NestingLimit {
  readonly steps: number;
  /** Counted apart, for a `<` cannot be told from a type argument, and hundreds of those are nothing unusual. */
  readonly tags: number;
}

/**
 * Above this a text goes to the reference parser. The worst construct known, nested parenthesised assignments, took
 * oxc-parser 0.159 through the 4 MiB stack of a worker between 800 and 1,600 levels of two steps each, elements between
 * 3,000 and 10,000; real files stay under 100.
 */
export const nativeNestingLimit: NestingLimit = { steps: 400, tags: 1_500 };

/**
 * Above this a text is not read at all. The compiler would end most such texts with an overflow of its stack, but takes
 * time that grows with the square of the length for some: 20,000 times `readonly ` are half a minute.
 */
export const nestingLimit: NestingLimit = { steps: 4_000, tags: 10_000 };

/** Tells whether `text` may nest deeper than `limit`. Linear in the length of the text. */
export function mayNestDeeperThan(limit: NestingLimit, text: string, jsx = true): boolean {
  // Every step of recursion takes a character at least.
  if (text.length <= limit.steps) return false;
  if (jsx && mayNestTags(limit.tags, text)) return true;
  /** For each open bracket, the steps of recursion its enclosing level had made. */
  const enclosing: number[] = [];
  let depth = 0;
  /** Steps made at this level without a bracket: `a ? b : c ? d : …`, `a = b = …`, `else if …`, `!!!…`, `<a><a>…`. */
  let chain = 0;
  /** The last character that was not blank, and whether it ended a word that lets the statement go on. */
  let previous = 0;
  let previousWordGoesOn = false;
  let newline = false;
  /** `<a><b>…` where an operand would stand. Never taken back: few files have any. */
  let assertions = 0;

  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === Space || code === Tab || code === CarriageReturn) continue;
    if (code === LineFeed) {
      newline = true;
      continue;
    }
    if (code === Slash) {
      const end = commentEnd(text, index);
      if (end > index) {
        if (text.indexOf("\n", index) < end) newline = true;
        index = end - 1;
        continue;
      }
    }
    if (isWordPart(code)) {
      let hash = code;
      for (; index + 1 < text.length; index += 1) {
        const next = text.charCodeAt(index + 1);
        if (!isWordPart(next)) break;
        hash = (Math.imul(hash, 31) + next) | 0;
      }
      const word = words[hash & WORD_MASK]!;
      if (newline && endsOperand(previous) && !previousWordGoesOn && (word & CONTINUES) === 0) chain = 0;
      previousWordGoesOn = (word & RECURS) !== 0;
      // Words in a row are modifiers or a language that is not this one.
      if (previousWordGoesOn || isWordPart(previous)) chain += 1;
    } else {
      switch (code) {
        case Quote:
        case Apostrophe:
          index = stringEnd(text, index, code);
          break;
        case ParenOpen:
        case BracketOpen:
        case BraceOpen:
          enclosing.push(chain);
          depth += chain + 1;
          chain = 0;
          break;
        case ParenClose:
        case BracketClose:
        case BraceClose: {
          const outer = enclosing.pop();
          if (outer !== undefined) {
            chain = outer;
            depth -= outer + 1;
          }
          break;
        }
        case Semicolon:
        case Comma:
          chain = 0;
          break;
        case Greater:
          if (previous === Equals) chain += 1;
          else if (chain > 0) chain -= 1;
          break;
        case Less: {
          chain += 1;
          if (!endsOperand(previous)) assertions += 1;
          break;
        }
        case Equals:
        case Question:
        case Colon:
        case Bang:
        case Tilde:
        case Plus:
        case Minus:
        case Asterisk:
        case Backtick:
          chain += 1;
          break;
      }
      previousWordGoesOn = false;
    }
    previous = code;
    newline = false;
    if (depth + chain > limit.steps || (!jsx && assertions > limit.tags)) return true;
  }
  return false;
}

/** The same for elements alone, strings and comments included, for in the text between tags there are no such things. */
function mayNestTags(limit: number, text: string): boolean {
  let open = 0;
  for (const [tag] of text.matchAll(/<[\p{L}$_>/]|\/>/gu)) {
    open += tag === "</" || tag === "/>" ? -1 : 1;
    if (open > limit) return true;
    if (open < 0) open = 0;
  }
  return false;
}

const LineFeed = 10;
const CarriageReturn = 13;
const Tab = 9;
const Space = 32;
const Bang = 33;
const Quote = 34;
const Apostrophe = 39;
const ParenOpen = 40;
const ParenClose = 41;
const Asterisk = 42;
const Plus = 43;
const Comma = 44;
const Minus = 45;
const Slash = 47;
const Colon = 58;
const Semicolon = 59;
const Less = 60;
const Equals = 61;
const Greater = 62;
const Question = 63;
const BracketOpen = 91;
const Backslash = 92;
const BracketClose = 93;
const Backtick = 96;
const BraceOpen = 123;
const BraceClose = 125;
const Tilde = 126;

/** Words after which a parser goes one call deeper, whatever follows. */
const recursingWords =
  "abstract accessor as asserts async await break case const declare default delete do else export extends for if in infer instanceof is keyof label new of out override private protected public readonly return satisfies static throw try typeof unique void while with yield";

/** Words that go on with what the line before began, so that their line is no new statement. */
const continuingWords = "as catch else extends finally from implements in instanceof is of satisfies while";

const RECURS = 1;
const CONTINUES = 2;
const WORD_MASK = 0xffff;

/** Both lists by a hash of the word, so that none is cut out of the text; another word of the same hash errs upwards. */
const words = new Uint8Array(WORD_MASK + 1);
for (const [list, flag] of [
  [recursingWords, RECURS],
  [continuingWords, CONTINUES],
] as const)
  for (const word of list.split(" ")) {
    let hash = word.charCodeAt(0);
    for (let i = 1; i < word.length; i++) hash = (Math.imul(hash, 31) + word.charCodeAt(i)) | 0;
    words[hash & WORD_MASK]! |= flag;
  }

function isWordPart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code > 127
  );
}

/** A word, a string or a closing bracket, after which a word on a new line begins a statement. `)` may belong to an `if`. */
function endsOperand(code: number): boolean {
  return isWordPart(code) || code === BracketClose || code === BraceClose || code === Quote || code === Apostrophe;
}

function commentEnd(text: string, start: number): number {
  const next = text.charCodeAt(start + 1);
  if (next === Slash) {
    const end = text.indexOf("\n", start);
    return end < 0 ? text.length : end;
  }
  if (next === Asterisk) {
    const end = text.indexOf("*/", start + 2);
    // An unclosed comment may be a regular expression or part of a string, so only its first character is passed.
    return end < 0 ? start : end + 2;
  }
  return start;
}

/** The index of the closing quote, or of `start` when the line ends first: then it was an apostrophe in text. */
function stringEnd(text: string, start: number, quote: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === Backslash) index += 1;
    else if (code === quote) return index;
    else if (code === LineFeed) return start;
  }
  return start;
}
