/**
 * The protocol room holds the messages between the VS Code client and the server that LSP has no word for. It imports
 * nothing, so that both sides can know it without knowing each other.
 */
export * from "./messages.ts";
