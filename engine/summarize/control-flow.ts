import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Branch, Loop, Span, Value } from "../model.ts";
import { endOf, spanOf, startOf } from "../syntax/span.ts";
import { assignPattern, readVariables } from "./assign.ts";
import { declare, declarePattern } from "./declare.ts";
import { readExpression } from "./expressions.ts";
import { inScope, lookup } from "./scope.ts";
import { readStatement } from "./statements.ts";
import { UNKNOWN, type Walk } from "./walk.ts";

export function readSwitch(w: Walk, node: TSESTree.SwitchStatement): void {
  const test = readExpression(w, node.discriminant, "test");
  inScope(w, () => {
    for (const it of node.cases) declare(w, it.consequent);
    // `case "a": case "b": …`: what is written behind the last runs for each.
    const ends = node.cases.map((it) => endOf(it));
    for (let i = ends.length - 2; i >= 0; i--) if (node.cases[i]!.consequent.length === 0) ends[i] = ends[i + 1]!;
    for (const [i, it] of node.cases.entries()) {
      const against = it.test ? readExpression(w, it.test, "test") : UNKNOWN;
      const thenAt: Span = [startOf(it), ends[i]!];
      inBranch(w, { test: { k: "op", op: "===", args: [test, against] }, at: spanOf(it), thenAt, exits: "no" }, () => {
        for (const statement of it.consequent) readStatement(w, statement);
      });
    }
  });
}

export function inBranch(w: Walk, branch: Omit<Branch, "fn" | "parent">, body: () => void): void {
  const outer = w.branch;
  w.branches.push({ ...branch, fn: w.fn, ...(outer >= 0 ? { parent: outer } : {}) });
  w.branch = w.branches.length - 1;
  body();
  w.branch = outer;
}

export function readLoop(
  w: Walk,
  node:
    | TSESTree.ForStatement
    | TSESTree.ForOfStatement
    | TSESTree.ForInStatement
    | TSESTree.WhileStatement
    | TSESTree.DoWhileStatement,
): void {
  inScope(w, () => {
    let over: Value | undefined;
    let step: Value | undefined;
    let kind: Loop["kind"];
    if (node.type === "ForStatement") {
      kind = "for";
      if (node.init) {
        if (node.init.type === "VariableDeclaration") {
          declare(w, [node.init]);
          readVariables(w, node.init);
        } else readExpression(w, node.init, "discard");
      }
      if (node.test) over = readExpression(w, node.test, "test");
      if (node.update) step = readExpression(w, node.update, "discard");
    } else if (node.type === "ForOfStatement" || node.type === "ForInStatement") {
      kind = node.type === "ForInStatement" ? "for-in" : node.await ? "for-await" : "for-of";
      over = readExpression(w, node.right, "other");
      if (node.left.type === "VariableDeclaration") {
        const item: Value = { k: "op", op: kind === "for-in" ? "key" : "item", args: [over] };
        for (const declarator of node.left.declarations) {
          declarePattern(w, declarator.id, "item");
          assignPattern(w, declarator.id, item, "init");
        }
      }
    } else {
      kind = node.type === "WhileStatement" ? "while" : "do";
    }
    const outer = w.loop;
    w.loops.push({
      kind,
      fn: w.fn,
      ...(outer >= 0 ? { parent: outer } : {}),
      ...(over ? { over } : {}),
      ...(step ? { step } : {}),
      at: spanOf(node),
      bodyAt: spanOf(node.body),
      exits: false,
    });
    const index = w.loops.length - 1;
    w.loop = index;
    if (node.type === "WhileStatement" || node.type === "DoWhileStatement")
      w.loops[index]!.over = readExpression(w, node.test, "test");
    readStatement(w, node.body);
    w.loop = outer;
  });
}

export function readTry(w: Walk, node: TSESTree.TryStatement): void {
  const outer = w.try;
  const index = w.tries.length;
  w.tries.push({
    fn: w.fn,
    ...(outer >= 0 ? { parent: outer } : {}),
    at: spanOf(node),
    blockAt: spanOf(node.block),
    ...(node.finalizer ? { finallyAt: spanOf(node.finalizer) } : {}),
  });
  if (node.handler) {
    w.tries[index]!.handler = {
      at: spanOf(node.handler),
      throws: false,
      returns: [],
      size: node.handler.body.body.length,
      jumps: false,
    };
    w.try = index;
  }
  readStatement(w, node.block);
  w.try = outer;
  if (node.handler) {
    const handler = node.handler;
    const outerCatch = w.catch;
    w.catch = index;
    inScope(w, () => {
      if (handler.param) {
        declarePattern(w, handler.param, "catch");
        if (handler.param.type === "Identifier") {
          const b = lookup(w, handler.param.name);
          if (b !== undefined) (w.tries[index]!.handler as { param?: number }).param = b;
        }
      }
      declare(w, handler.body.body);
      for (const statement of handler.body.body) readStatement(w, statement);
    });
    w.catch = outerCatch;
  }
  if (node.finalizer) readStatement(w, node.finalizer);
}
