/** Reading text: two parsers behind one `parse`, recovery of broken text, allowances, SQL and schemas. */
export * from "./allowances.ts";
export * from "./code-schema.ts";
export * from "./parse.ts";
export * from "./parser-port.ts";
export * from "./prisma-schema.ts";
export * from "./read.ts";
export * from "./schema-of.ts";
export * from "./span.ts";
export * from "./sql.ts";
export * from "./sql-schema.ts";
export * from "./sql-text.ts";
