/** Loaded first into each program that `startChild` starts: it ends when its parent is gone, however the parent ended. */
process.on("disconnect", () => process.exit());
// The channel alone shall keep nobody alive.
process.channel?.unref();
