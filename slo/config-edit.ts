/** Writes into a slo-lens.yaml that a team owns: what is there stays, comments included. */
import { type Document, isMap, isSeq, parseDocument } from "yaml";
import type { EndpointRef } from "./model.ts";

/**
 * The text of slo-lens.yaml with an objective mapped to an endpoint. What was mapped to it before stays mapped. Undefined
 * where the text cannot be read as a map, for then something of it would be lost.
 *
 * @param text of the file as it is; undefined where there is none
 */
export function withMapping(text: string | undefined, sloId: string, endpoint: EndpointRef): string | undefined {
  const document: Document = parseDocument(text ?? "");
  if (document.errors.length > 0) return undefined;
  if (document.contents === null) document.contents = document.createNode({});
  if (!isMap(document.contents)) return undefined;
  const written = `${endpoint.method} ${endpoint.route}`;
  const slos = document.get("slos", true);
  if (slos !== undefined && !isMap(slos)) return undefined;
  const known = document.getIn(["slos", sloId], true);
  const path = isMap(known) ? ["slos", sloId, "endpoints"] : ["slos", sloId];
  const list = document.getIn(path, true);
  if (isSeq(list)) {
    if (list.toJSON().includes(written)) return text ?? "";
    document.addIn(path, written);
  } else if (list === undefined || list === null) document.setIn(path, [written]);
  else {
    const one = document.getIn(path);
    if (typeof one !== "string") return undefined;
    if (one === written) return text ?? "";
    document.setIn(path, [one, written]);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: /[{[] \S/.test(text ?? "") });
}
