/** What YAML and JSON files declare, as plain data: read leniently and bounded, never thrown. */
import { parse } from "yaml";

export type Data = Readonly<Record<string, unknown>>;

/** UTF-16 code units; larger files are data. */
const MAX_LENGTH = 400_000;
const MAX_ALIASES = 200;

/** Undefined for what is no YAML or JSON. Tags such as CloudFormation's `!Sub` leave the value they stand before. */
export function readData(text: string | undefined): unknown {
  if (text === undefined || text.length > MAX_LENGTH) return undefined;
  try {
    // `merge` because serverless files share their settings by `<<: *defaults`.
    return parse(text, { logLevel: "silent", maxAliasCount: MAX_ALIASES, merge: true, uniqueKeys: false });
  } catch {
    return undefined;
  }
}

/** Empty for everything that is no map. */
export function dataOf(value: unknown): Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** A string, or a number written as one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

/** What a path of names leads to: `custom.stages.dev`. */
export function dataAt(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.split(".")) at = dataOf(at)[name];
  return at;
}
