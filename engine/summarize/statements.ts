import type { Try, Value } from "../model.ts";
import { spanOf } from "../syntax/span.ts";
import { readVariables } from "./assign.ts";
import { readClass } from "./classes.ts";
import { inBranch, readLoop, readSwitch, readTry } from "./control-flow.ts";
import { declare } from "./declare.ts";
import { readExpression } from "./expressions.ts";
import { readFunction } from "./functions.ts";
import { readDefaultExport, readNamedExport, readStarExport } from "./modules.ts";
import { exitOf } from "./nodes.ts";
import { inScope, lookup } from "./scope.ts";
import { readAugmentation, readEnum, readInterface, readTypeAlias } from "./types.ts";
import { type Building, MAX_DEPTH, MAX_ITEMS, type Node, UNDEFINED, type Walk } from "./walk.ts";

export function readBlock(w: Walk, body: readonly Node[]): void {
  inScope(w, () => {
    declare(w, body);
    for (const statement of body) readStatement(w, statement);
  });
}

export function readStatement(w: Walk, node: Node): void {
  if (++w.depth > MAX_DEPTH) {
    w.depth--;
    return;
  }
  try {
    readKnownStatement(w, node);
  } finally {
    w.depth--;
  }
}

function readKnownStatement(w: Walk, node: Node): void {
  switch (node.type) {
    case "ExpressionStatement":
      readExpression(w, node.expression, "discard");
      return;
    case "VariableDeclaration":
      readVariables(w, node);
      return;
    case "FunctionDeclaration": {
      const value = readFunction(w, node, node.id?.name);
      const b = node.id ? lookup(w, node.id.name) : undefined;
      if (b !== undefined && w.bindings[b]!.value === undefined) w.bindings[b]!.value = value;
      return;
    }
    case "ClassDeclaration": {
      const b = node.id ? lookup(w, node.id.name) : undefined;
      const value = readClass(w, node, b);
      if (b !== undefined) w.bindings[b]!.value = value;
      return;
    }
    case "ReturnStatement": {
      const value = node.argument ? readExpression(w, node.argument, "return") : UNDEFINED;
      const returns = w.functions[w.fn]!.returns as Value[];
      if (returns.length < MAX_ITEMS) returns.push(value);
      if (w.catch >= 0) {
        const inHandler = w.tries[w.catch]!.handler;
        if (inHandler && inHandler.returns.length < 8) (inHandler.returns as Value[]).push(value);
      }
      return;
    }
    case "ThrowStatement": {
      const value = readExpression(w, node.argument, "throw");
      w.throws.push({
        fn: w.fn,
        value,
        at: spanOf(node),
        ...(w.catch >= 0 ? { catch: w.catch } : {}),
      });
      if (w.catch >= 0) {
        const handler = w.tries[w.catch]!.handler as Building<NonNullable<Try["handler"]>> | undefined;
        if (handler) handler.throws = true;
      }
      return;
    }
    case "BreakStatement":
    case "ContinueStatement":
      if (w.catch >= 0) {
        const handler = w.tries[w.catch]!.handler as Building<NonNullable<Try["handler"]>> | undefined;
        if (handler) handler.jumps = true;
      }
      if (w.loop >= 0 && node.type === "BreakStatement") w.loops[w.loop]!.exits = true;
      return;
    case "IfStatement": {
      const test = readExpression(w, node.test, "test");
      inBranch(
        w,
        {
          test,
          at: spanOf(node),
          thenAt: spanOf(node.consequent),
          ...(node.alternate ? { elseAt: spanOf(node.alternate) } : {}),
          exits: exitOf(node.consequent),
        },
        () => {
          readStatement(w, node.consequent);
          if (node.alternate) readStatement(w, node.alternate);
        },
      );
      return;
    }
    case "BlockStatement":
      readBlock(w, node.body);
      return;
    case "ForStatement":
    case "ForOfStatement":
    case "ForInStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      readLoop(w, node);
      return;
    case "TryStatement":
      readTry(w, node);
      return;
    case "SwitchStatement":
      readSwitch(w, node);
      return;
    case "LabeledStatement":
      readStatement(w, node.body);
      return;
    case "ExportNamedDeclaration":
      readNamedExport(w, node);
      return;
    case "ExportDefaultDeclaration":
      readDefaultExport(w, node);
      return;
    case "ExportAllDeclaration":
      readStarExport(w, node);
      return;
    case "TSExportAssignment":
      w.exports.push({ name: "=", value: readExpression(w, node.expression, "other"), at: spanOf(node) });
      return;
    case "TSInterfaceDeclaration":
      readInterface(w, node);
      return;
    case "TSTypeAliasDeclaration":
      readTypeAlias(w, node);
      return;
    case "TSEnumDeclaration":
      readEnum(w, node);
      return;
    case "TSModuleDeclaration":
      if (node.body?.type !== "TSModuleBlock") return;
      if (!node.declare) readBlock(w, node.body.body);
      else if (node.id.type === "Literal") readAugmentation(w, node.body.body, String(node.id.value), "");
      else if (node.kind === "global") readAugmentation(w, node.body.body, "global", "");
      return;
    case "WithStatement":
      readStatement(w, node.body);
      return;
    default:
      return;
  }
}
