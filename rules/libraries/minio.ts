import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/**
 * Sent by `http.request` with no limit, and no option sets one: only a `transport` of one's own does (dist/main/internal/client.js,
 * request.js of 8.0). So nothing is said of it; each request is one all the same.
 */
const { create, types } = sdk({
  client: "MinIO",
  optionsAt: 0,
  perhaps: ["endPoint", "transport", "transportAgent"],
  byDefault: { never: "MinIO's client waits without end by default" },
  quiet:
    /^(presigned\w*|listObjects(V2)?|extensions|setAppInfo|setRequestOptions|listenBucketNotification|newPostPolicy|on)$/,
});

export default defineLibrary({
  name: "minio",
  packages: ["minio"],
  exports: { Client: create, default: { type: "Module" } },
  types: { ...types, Module: { members: { Client: create } } },
});
