/**
 * The language server: the only room that knows LSP. It keeps each workspace folder as one linked revision, lays what is
 * being typed over it, and says what it finds as diagnostics, fixes, lenses and hovers in the reader's language.
 */
export { type ServerOptions, startServer } from "./session.ts";
export { type Scheduler, systemScheduler } from "./turns.ts";
