import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/** 60 s for each request, 3 more tries (build/cjs/src/nodejs-common/util.js of 7.22, `requestDefaults`; src/storage.js). */
const { create, types } = sdk({
  client: "Google Cloud Storage",
  optionsAt: 0,
  byDefault: { ms: 60_000, why: "60 s by default" },
  attempts: 4,
  quiet:
    /^(bucket|file|notification|channel|hmacKey|acl|iam|name|metadata|on|publicUrl|getSignedUrl|generateSignedPostPolicy\w*|create(Read|Write)Stream|\w+Stream|setUserProject|interceptors)$/,
});

export default defineLibrary({
  name: "google-cloud-storage",
  packages: ["@google-cloud/storage"],
  exports: { Storage: create },
  types: { ...types, Bucket: { like: "Client" } },
  typeNames: { Storage: "Client", File: "Namespace" },
});
