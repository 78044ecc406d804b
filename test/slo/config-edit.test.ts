import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, withMapping } from "../../slo/index.ts";

const news = { method: "GET", route: "/news/:topic" };
const mapped = (text: string | undefined) =>
  text === undefined ? undefined : readConfig("slo-lens.yaml", text).config.slos;

test("a choice is written into a file that is not there yet", () => {
  assert.equal(withMapping(undefined, "site/news", news), "slos:\n  site/news:\n    - GET /news/:topic\n");
});

test("what a team wrote stays, comments included", () => {
  const text = `# ours
stage: growth # for now

slos:
  # the front page
  site/home: GET /
  site/feed:
    endpoints: [GET /feed]
`;
  assert.equal(withMapping(text, "site/news", news), `${text}  site/news:\n    - GET /news/:topic\n`);
  assert.deepEqual(mapped(withMapping(text, "site/home", news)), {
    "site/home": [{ method: "GET", route: "/" }, news],
    "site/feed": [{ method: "GET", route: "/feed" }],
  });
  assert.deepEqual(mapped(withMapping(text, "site/feed", news))?.["site/feed"], [
    { method: "GET", route: "/feed" },
    news,
  ]);
  assert.match(withMapping(text, "site/feed", news)!, /stage: growth # for now/);
});

test("the same choice twice changes nothing, and a file that cannot be read is left alone", () => {
  const once = withMapping(undefined, "a", news)!;
  assert.equal(withMapping(once, "a", news), once);
  assert.equal(withMapping("slos: GET /x\n", "a", news), undefined);
  assert.equal(withMapping("- a\n- b\n", "a", news), undefined);
  assert.equal(withMapping("slos: {a: [", "a", news), undefined);
});
