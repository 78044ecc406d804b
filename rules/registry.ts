// Written by scripts/gen-registry.ts from the files in this folder.
import type { Framework, Library, Rule } from "../engine/index.ts";
import libraryAxios from "./libraries/axios.ts";
import libraryExpress from "./libraries/express.ts";
import libraryFetch from "./libraries/fetch.ts";
import libraryPrisma from "./libraries/prisma.ts";
import ruleMissingHttpTimeout from "./timeouts/missing-http-timeout.ts";

export const libraries: readonly Library[] = [
  libraryAxios,
  libraryExpress,
  libraryFetch,
  libraryPrisma,
];

export const frameworks: readonly Framework[] = [];

export const rules: readonly Rule[] = [
  ruleMissingHttpTimeout,
];
