/** The fields of slo-lens.yaml for completion and hovers; `readConfig` is what reads them. */
import { criticalities, severities, stages } from "./config.ts";
import type { Shape } from "./formats/fields.ts";
import { stateWords } from "./words.ts";

const any: Shape = {};
const rules: Shape = { keyRefers: "rule", entries: { values: severities } };
const sentence: Shape = { fields: { en: any, ja: any } };
const endpoints: Shape = { isList: true, refers: "endpoint" };

export const configShape: Shape = {
  fields: {
    stage: { values: stages },
    rules,
    overrides: { isList: true, fields: { files: any, rules } },
    services: { keyRefers: "folder", entries: { refers: "service" } },
    prefixes: any,
    // One endpoint, a list of them, or a mapping that holds the list.
    slos: { keyRefers: "slo", entries: { ...endpoints, fields: { endpoints } } },
    endpoints: {
      keyRefers: "endpoint",
      entries: { fields: { criticality: { values: criticalities }, harm: sentence } },
    },
    policy: {
      isList: true,
      fields: {
        when: { isList: true, values: Object.keys(stateWords) },
        rules,
        agents: { values: ["ask"] },
        message: sentence,
      },
    },
    telemetry: {
      fields: {
        prometheus: { fields: { url: any, headers: any } },
        scrape: { fields: { url: any } },
        snapshot: { fields: { path: any } },
      },
    },
    thresholds: { fields: { watchRemaining: any, staleSeconds: any } },
  },
};
