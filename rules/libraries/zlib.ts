import { type BlockingMeaning, defineLibrary, type Member } from "../../engine/index.ts";

/** Milliseconds for 1 MB of JSON, measured on Node 20.20 with default levels; brotli's default is its slowest. */
const MEASURED: Readonly<Record<string, number>> = {
  gzipSync: 25,
  deflateSync: 25,
  deflateRawSync: 25,
  brotliCompressSync: 1_700,
  gunzipSync: 3,
  inflateSync: 3,
  inflateRawSync: 3,
  unzipSync: 3,
  brotliDecompressSync: 4,
};

const members: Record<string, Member> = Object.fromEntries(
  Object.entries(MEASURED).map(([name, ms]) => [
    name,
    {
      call: {
        meaning: (): BlockingMeaning => ({
          kind: "blocking",
          client: "node:zlib",
          name,
          on: "computation",
          measured: { ms, of: "1 MB", with: "Node 20.20" },
          instead: { name: name.slice(0, -"Sync".length), promisify: true },
        }),
      },
    },
  ]),
);

export default defineLibrary({
  name: "zlib",
  packages: ["node:zlib"],
  exports: members,
  types: {},
});
