#!/usr/bin/env node
/** The server as a process: over stdio, IPC or a socket, as the client's arguments say. */
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { releaseMemory, useProxies } from "../platform/index.ts";
import { startServer } from "./session.ts";

// Typing makes much garbage over a large heap that lives: without this, V8 lets it grow to four times what is used.
setFlagsFromString("--heap-growing-percent=40");
// While the workspace is read nearly all that is made is kept, and V8 concludes to make its like among the old objects ever
// after. What a keystroke makes dies with the next one: among the old it would wait for a collection of the whole heap.
setFlagsFromString("--no-allocation-site-pretenuring");

// Standard output carries the protocol: a stray line of a dependency would end it.
console.log = console.error;
console.info = console.error;
console.debug = console.error;

if (!process.argv.some((it) => /^--(?:stdio|node-ipc|socket|pipe)\b/.test(it))) process.argv.push("--stdio");

useProxies(process.env);

const connection = createConnection(ProposedFeatures.all);
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error: unknown) => {
    try {
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } catch {
      // The client is gone; there is nobody to tell.
    }
  });
startServer(connection, { releaseMemory });
