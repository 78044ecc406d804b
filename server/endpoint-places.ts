/** Where endpoints stand in an open file: registered there, or with their handler there. */
import { type Analysis, type Endpoint, handlerOf, type Span } from "../engine/index.ts";

export interface EndpointPlace {
  readonly endpoint: Endpoint;
  /** The route or method token, if registered in the file. */
  readonly nameAt?: Span;
  /** Name of the handler, if its function stands in the file. */
  readonly handlerAt?: Span;
}

/**
 * @param sinceWhole from the text that the last whole revision saw to the one there is now
 * @param sinceSummary the same from the text that the file's summary is of
 */
export function endpointPlaces(
  analysis: Analysis,
  file: string,
  sinceWhole: (at: Span) => Span | undefined,
  sinceSummary: (at: Span) => Span | undefined,
): readonly EndpointPlace[] {
  const summary = analysis.program.files.get(file);
  if (!summary) return [];
  return analysis.endpoints.flatMap((endpoint): EndpointPlace[] => {
    const nameAt = endpoint.path === file ? sinceWhole(endpoint.nameAt) : undefined;
    const handler = handlerOf(endpoint);
    const fn = handler?.file.path === file ? handler.file.functions[handler.f] : undefined;
    const handlerAt = fn && handler?.file === summary ? sinceSummary(fn.nameAt) : undefined;
    return nameAt || handlerAt
      ? [{ endpoint, ...(nameAt ? { nameAt } : {}), ...(handlerAt ? { handlerAt } : {}) }]
      : [];
  });
}
