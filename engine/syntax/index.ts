/** Reading text: two parsers behind one `parse`, recovery of broken text, allowances. */
export * from "./allowances.ts";
export * from "./parse.ts";
export * from "./parser-port.ts";
export * from "./read.ts";
