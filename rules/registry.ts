// Written by scripts/gen-registry.ts from the files in this folder.
import type { Framework, Library, Rule } from "../engine/index.ts";
import libraryExpress from "./libraries/express.ts";
import libraryPrisma from "./libraries/prisma.ts";

export const libraries: readonly Library[] = [
  libraryExpress,
  libraryPrisma,
];

export const frameworks: readonly Framework[] = [];

export const rules: readonly Rule[] = [];
