import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type {
  Allowance,
  Assignment,
  Binding,
  Branch,
  CallSummary,
  ClassMember,
  ClassSummary,
  Export,
  FileSummary,
  FunctionSummary,
  Import,
  Loop,
  Param,
  Prop,
  Span,
  Try,
  TypeDecl,
  TypeMember,
  TypeRef,
  Use,
  Value,
} from "./model.ts";
import { ENGINE_VERSION } from "./model.ts";
import { endOf, spanOf, startOf } from "./syntax/span.ts";

/** Deeper trees are cut: a minified file must not exhaust the stack. */
const MAX_DEPTH = 400;
/** Values kept of one function's returns, one array's items. */
const MAX_ITEMS = 60;

const UNKNOWN: Value = { k: "unknown" };
const UNDEFINED: Value = { k: "lit", v: undefined };

type Node = TSESTree.Node;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Building<T> = Mutable<T> & Record<string, unknown>;

interface Scope {
  readonly names: Map<string, number>;
  readonly parent: Scope | undefined;
  /** `var` and functions belong to the nearest of these. */
  readonly isFunction: boolean;
}

export interface SummarizeInput {
  readonly path: string;
  readonly text: string;
  readonly program: TSESTree.Program;
  readonly recovered: boolean;
  readonly failure?: FileSummary["failure"];
  readonly allowances: readonly Allowance[];
}

/** Offsets of the first character of every line. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return starts;
}

/** The summary of a file that holds nothing (unreadable, unparseable with no tree at all). */
export function emptySummary(path: string, failure?: FileSummary["failure"], text = ""): FileSummary {
  return {
    path,
    engine: ENGINE_VERSION,
    recovered: false,
    ...(failure ? { failure } : {}),
    directives: [],
    hasJsx: false,
    imports: [],
    exports: [],
    bindings: [],
    functions: [],
    classes: [],
    types: [],
    calls: [],
    loops: [],
    tries: [],
    branches: [],
    assignments: [],
    throws: [],
    allowances: [],
    lines: lineStarts(text),
  };
}

/**
 * Reduces one tree to its summary in a single walk. Never throws on odd trees: what is not understood becomes an
 * unknown value, and the walk goes on below it.
 */
export function summarize(input: SummarizeInput): FileSummary {
  return new Walk(input).run();
}

/** One walk over one file; the only mutable thing in this module, alive for one call of `summarize`. */
class Walk {
  readonly #input: SummarizeInput;
  readonly #imports: Import[] = [];
  readonly #exports: Export[] = [];
  /** What `module.exports` was last set to. */
  #exported: Value | undefined;
  readonly #bindings: Building<Binding>[] = [];
  readonly #functions: Building<FunctionSummary>[] = [];
  readonly #classes: Building<ClassSummary>[] = [];
  readonly #types: TypeDecl[] = [];
  readonly #calls: Building<CallSummary>[] = [];
  readonly #loops: Building<Loop>[] = [];
  readonly #tries: Building<Try>[] = [];
  readonly #branches: Building<Branch>[] = [];
  readonly #assignments: Assignment[] = [];
  readonly #throws: { fn: number; value: Value; at: Span; catch?: number }[] = [];
  readonly #names = new Map<string, number>();
  #directives: string[] = [];
  #hasJsx = false;
  #scope: Scope = { names: new Map(), parent: undefined, isFunction: true };
  #fn = 0;
  #cls = -1;
  #loop = -1;
  #try = -1;
  #catch = -1;
  #branch = -1;
  #depth = 0;
  /** A name to give to the function or class expression about to be read. */
  #hint: string | undefined;

  constructor(input: SummarizeInput) {
    this.#input = input;
  }

  run(): FileSummary {
    const { program, path, text, recovered, failure, allowances } = this.#input;
    this.#functions.push({
      name: "<module>",
      kind: "module",
      parent: -1,
      async: false,
      generator: false,
      params: [],
      returns: [],
      at: [0, text.length],
      nameAt: [0, 0],
      bodyAt: [0, text.length],
    });
    this.#directives = directivesOf(program.body);
    this.#declare(program.body);
    for (const statement of program.body) this.#statement(statement);
    return {
      path,
      engine: ENGINE_VERSION,
      recovered,
      ...(failure ? { failure } : {}),
      directives: this.#directives,
      hasJsx: this.#hasJsx,
      imports: this.#imports,
      exports: this.#exports,
      bindings: this.#bindings,
      functions: this.#functions,
      classes: this.#classes,
      types: this.#types,
      calls: this.#calls,
      loops: this.#loops,
      tries: this.#tries,
      branches: this.#branches,
      assignments: this.#assignments,
      throws: this.#throws,
      allowances,
      lines: lineStarts(text),
    } as FileSummary;
  }

  // Scopes

  #bind(name: string, kind: Binding["kind"], at: Span, more?: Partial<Binding>): number {
    const index = this.#bindings.length;
    this.#bindings.push({ name, kind, fn: this.#fn, at, ...more });
    this.#scope.names.set(name, index);
    return index;
  }

  #lookup(name: string): number | undefined {
    for (let scope: Scope | undefined = this.#scope; scope; scope = scope.parent) {
      const found = scope.names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #ref(name: string): Value {
    const b = this.#lookup(name);
    if (b !== undefined) return { k: "ref", b };
    return name === "undefined" ? UNDEFINED : { k: "global", name };
  }

  #inScope<T>(isFunction: boolean, body: () => T): T {
    const outer = this.#scope;
    this.#scope = { names: new Map(), parent: outer, isFunction };
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /** Declares what a block declares before its statements are read, so that earlier functions may speak of later names. */
  #declare(body: readonly Node[]): void {
    for (let node of body) {
      if (node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration") {
        if (!node.declaration) continue;
        node = node.declaration as Node;
      }
      switch (node.type) {
        case "ImportDeclaration":
          this.#import(node);
          break;
        case "TSImportEqualsDeclaration": {
          if (node.moduleReference.type === "TSExternalModuleReference") {
            const specifier = literalText(node.moduleReference.expression as Node);
            if (specifier === undefined) break;
            const index = this.#addImport(specifier, "require", node.importKind === "type", spanOf(node));
            this.#bind(node.id.name, "import", spanOf(node.id), { from: { import: index, name: "=" } });
          }
          break;
        }
        case "FunctionDeclaration":
        case "TSDeclareFunction":
          if (node.id && !this.#scope.names.has(node.id.name)) this.#bind(node.id.name, "fn", spanOf(node.id));
          break;
        case "ClassDeclaration":
          if (node.id) this.#bind(node.id.name, "class", spanOf(node.id));
          break;
        case "TSEnumDeclaration":
        case "TSInterfaceDeclaration":
        case "TSTypeAliasDeclaration":
          if (!this.#scope.names.has(node.id.name)) this.#bind(node.id.name, "type", spanOf(node.id));
          break;
        case "TSModuleDeclaration":
          if (node.id.type === "Identifier") this.#bind(node.id.name, "type", spanOf(node.id));
          break;
        case "VariableDeclaration":
          for (const declarator of node.declarations)
            this.#declarePattern(declarator.id, node.kind === "const" ? "const" : "let");
          break;
      }
    }
  }

  #declarePattern(pattern: Node, kind: Binding["kind"]): void {
    eachName(pattern, (id) => {
      this.#bind(id.name, kind, spanOf(id));
    });
  }

  #import(node: TSESTree.ImportDeclaration): void {
    const index = this.#addImport(sourceOf(node), "static", node.importKind === "type", spanOf(node.source));
    for (const it of node.specifiers) {
      const name =
        it.type === "ImportDefaultSpecifier"
          ? "default"
          : it.type === "ImportNamespaceSpecifier"
            ? "*"
            : nameOfKey(it.imported);
      this.#bind(it.local.name, "import", spanOf(it.local), { from: { import: index, name } });
    }
  }

  #addImport(specifier: string, kind: Import["kind"], typeOnly: boolean, at: Span): number {
    this.#imports.push({ specifier, kind, typeOnly, at: [at[0], at[1]], fn: this.#fn });
    return this.#imports.length - 1;
  }

  // Statements

  #block(body: readonly Node[]): void {
    this.#inScope(false, () => {
      this.#declare(body);
      for (const statement of body) this.#statement(statement);
    });
  }

  #statement(node: Node): void {
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--;
      return;
    }
    try {
      this.#readStatement(node);
    } finally {
      this.#depth--;
    }
  }

  #readStatement(node: Node): void {
    switch (node.type) {
      case "ExpressionStatement":
        this.#expression(node.expression, "discard");
        return;
      case "VariableDeclaration":
        this.#variables(node);
        return;
      case "FunctionDeclaration": {
        const value = this.#function(node, node.id?.name);
        const b = node.id ? this.#lookup(node.id.name) : undefined;
        if (b !== undefined && this.#bindings[b]!.value === undefined) this.#bindings[b]!.value = value;
        return;
      }
      case "ClassDeclaration": {
        const b = node.id ? this.#lookup(node.id.name) : undefined;
        const value = this.#class(node, b);
        if (b !== undefined) this.#bindings[b]!.value = value;
        return;
      }
      case "ReturnStatement": {
        const value = node.argument ? this.#expression(node.argument, "return") : UNDEFINED;
        const returns = this.#functions[this.#fn]!.returns as Value[];
        if (returns.length < MAX_ITEMS) returns.push(value);
        if (this.#catch >= 0) {
          const inHandler = this.#tries[this.#catch]!.handler;
          if (inHandler && inHandler.returns.length < 8) (inHandler.returns as Value[]).push(value);
        }
        return;
      }
      case "ThrowStatement": {
        const value = this.#expression(node.argument, "throw");
        this.#throws.push({
          fn: this.#fn,
          value,
          at: spanOf(node),
          ...(this.#catch >= 0 ? { catch: this.#catch } : {}),
        });
        if (this.#catch >= 0) {
          const handler = this.#tries[this.#catch]!.handler as Building<NonNullable<Try["handler"]>> | undefined;
          if (handler) handler.throws = true;
        }
        return;
      }
      case "BreakStatement":
      case "ContinueStatement":
        if (this.#catch >= 0) {
          const handler = this.#tries[this.#catch]!.handler as Building<NonNullable<Try["handler"]>> | undefined;
          if (handler) handler.jumps = true;
        }
        if (this.#loop >= 0 && node.type === "BreakStatement") this.#loops[this.#loop]!.exits = true;
        return;
      case "IfStatement": {
        const test = this.#expression(node.test, "test");
        this.#inBranch(
          {
            test,
            at: spanOf(node),
            thenAt: spanOf(node.consequent),
            ...(node.alternate ? { elseAt: spanOf(node.alternate) } : {}),
            exits: exitOf(node.consequent),
          },
          () => {
            this.#statement(node.consequent);
            if (node.alternate) this.#statement(node.alternate);
          },
        );
        return;
      }
      case "BlockStatement":
        this.#block(node.body);
        return;
      case "ForStatement":
      case "ForOfStatement":
      case "ForInStatement":
      case "WhileStatement":
      case "DoWhileStatement":
        this.#loopStatement(node);
        return;
      case "TryStatement":
        this.#tryStatement(node);
        return;
      case "SwitchStatement": {
        const test = this.#expression(node.discriminant, "test");
        this.#inScope(false, () => {
          for (const it of node.cases) this.#declare(it.consequent);
          // `case "a": case "b": …`: what is written behind the last runs for each.
          const ends = node.cases.map((it) => endOf(it));
          for (let i = ends.length - 2; i >= 0; i--) if (node.cases[i]!.consequent.length === 0) ends[i] = ends[i + 1]!;
          for (const [i, it] of node.cases.entries()) {
            const against = it.test ? this.#expression(it.test, "test") : UNKNOWN;
            const thenAt: Span = [startOf(it), ends[i]!];
            this.#inBranch(
              { test: { k: "op", op: "===", args: [test, against] }, at: spanOf(it), thenAt, exits: "no" },
              () => {
                for (const statement of it.consequent) this.#statement(statement);
              },
            );
          }
        });
        return;
      }
      case "LabeledStatement":
        this.#statement(node.body);
        return;
      case "ExportNamedDeclaration":
        this.#exportNamed(node);
        return;
      case "ExportDefaultDeclaration": {
        const declared = node.declaration as Node;
        if (declared.type === "FunctionDeclaration" || declared.type === "ClassDeclaration") {
          this.#hint = "default";
          this.#statement(declared);
          this.#hint = undefined;
          const b = declared.id ? this.#lookup(declared.id.name) : undefined;
          const value: Value =
            b !== undefined
              ? { k: "ref", b }
              : declared.type === "FunctionDeclaration"
                ? { k: "fn", f: this.#lastFunctionAt(spanOf(declared)) }
                : { k: "class", c: this.#classes.length - 1 };
          this.#exports.push({ name: "default", value, at: spanOf(node) });
        } else if (declared.type === "TSInterfaceDeclaration") {
          this.#statement(declared);
          const b = this.#lookup(declared.id.name);
          if (b !== undefined) this.#exports.push({ name: "default", value: { k: "ref", b }, at: spanOf(node) });
        } else {
          this.#hint = "default";
          const value = this.#expression(declared, "other");
          this.#hint = undefined;
          this.#exports.push({ name: "default", value, at: spanOf(node) });
        }
        return;
      }
      case "ExportAllDeclaration": {
        const index = this.#addImport(sourceOf(node), "static", node.exportKind === "type", spanOf(node.source));
        this.#exports.push(
          node.exported
            ? { name: nameOfKey(node.exported), import: index, imported: "*", at: spanOf(node) }
            : { name: "*", import: index, imported: "*", at: spanOf(node) },
        );
        return;
      }
      case "TSExportAssignment":
        this.#exports.push({ name: "=", value: this.#expression(node.expression, "other"), at: spanOf(node) });
        return;
      case "TSInterfaceDeclaration": {
        const b = this.#lookup(node.id.name);
        this.#types.push({
          name: node.id.name,
          binding: b ?? -1,
          kind: "interface",
          ...typeParams(node.typeParameters),
          extends: node.extends.map((it) =>
            this.#heritage(it as unknown as { expression: Node; typeArguments?: Node }),
          ),
          members: this.#typeMembers(node.body.body),
        });
        return;
      }
      case "TSTypeAliasDeclaration": {
        const type = this.#type(node.typeAnnotation);
        this.#types.push({
          name: node.id.name,
          binding: this.#lookup(node.id.name) ?? -1,
          kind: "alias",
          ...typeParams(node.typeParameters),
          extends: [],
          ...(type ? { type } : {}),
          members: type?.t === "object" ? type.members : [],
        });
        return;
      }
      case "TSEnumDeclaration": {
        const b = this.#lookup(node.id.name);
        const props: Prop[] = [];
        for (const member of node.body?.members ?? []) {
          const name = nameOfKey(member.id as Node);
          props.push({
            name,
            value: member.initializer ? this.#expression(member.initializer, "other") : UNKNOWN,
            at: spanOf(member),
          });
        }
        if (b !== undefined) this.#bindings[b]!.value = { k: "obj", props, at: spanOf(node) };
        return;
      }
      case "TSModuleDeclaration":
        if (node.body?.type !== "TSModuleBlock") return;
        if (!node.declare) this.#block(node.body.body);
        else if (node.id.type === "Literal") this.#augmentation(node.body.body, String(node.id.value), "");
        else if (node.kind === "global") this.#augmentation(node.body.body, "global", "");
        return;
      case "WithStatement":
        this.#statement(node.body);
        return;
      default:
        return;
    }
  }

  /** Interfaces that a file adds to a library's module or to everybody's names. */
  #augmentation(body: readonly Node[], augments: string, prefix: string): void {
    const globals: TypeMember[] = [];
    for (const it of body) {
      const node = (it.type === "ExportNamedDeclaration" && it.declaration ? it.declaration : it) as Node;
      if (node.type === "TSInterfaceDeclaration")
        this.#types.push({
          name: prefix + node.id.name,
          binding: -1,
          kind: "interface",
          augments,
          extends: node.extends.map((one) =>
            this.#heritage(one as unknown as { expression: Node; typeArguments?: Node }),
          ),
          members: this.#typeMembers(node.body.body),
        });
      else if (
        node.type === "TSModuleDeclaration" &&
        node.id.type === "Identifier" &&
        node.body?.type === "TSModuleBlock"
      )
        this.#augmentation(node.body.body, augments, `${prefix}${node.id.name}.`);
      else if (node.type === "VariableDeclaration" && augments === "global")
        for (const { id } of node.declarations) {
          if (id.type !== "Identifier" || !id.typeAnnotation) continue;
          const type = this.#type(id.typeAnnotation.typeAnnotation);
          globals.push({ name: id.name, ...(type ? { type } : {}), optional: true });
        }
    }
    if (globals.length > 0)
      this.#types.push({ name: "globalThis", binding: -1, kind: "interface", augments, extends: [], members: globals });
  }

  #lastFunctionAt(at: Span): number {
    for (let f = this.#functions.length - 1; f > 0; f--) if (this.#functions[f]!.at[0] === at[0]) return f;
    return this.#functions.length - 1;
  }

  #variables(node: TSESTree.VariableDeclaration): void {
    for (const declarator of node.declarations) {
      if (!declarator.init) {
        const id = declarator.id as Node;
        if (id.type === "Identifier") this.#annotate(id);
        continue;
      }
      if (declarator.id.type === "Identifier") this.#hint = declarator.id.name;
      const value = this.#expression(declarator.init, "init");
      this.#hint = undefined;
      this.#assignPattern(declarator.id, value, "init");
    }
  }

  #annotate(id: TSESTree.Identifier): void {
    const b = this.#lookup(id.name);
    const type = id.typeAnnotation ? this.#type(id.typeAnnotation.typeAnnotation) : undefined;
    if (b !== undefined && type) this.#bindings[b]!.type = type;
  }

  /** Spreads a value over a pattern: each name gets the part of the value that it stands for. */
  #assignPattern(pattern: Node, value: Value, mode: "init" | "write"): void {
    switch (pattern.type) {
      case "Identifier": {
        const b = this.#lookup(pattern.name);
        if (b === undefined) return;
        const binding = this.#bindings[b]!;
        if (mode === "init" && binding.value === undefined) binding.value = value;
        else if ((binding.writes?.length ?? 0) < MAX_ITEMS) {
          binding.writes = [...(binding.writes ?? []), value];
          binding.writesIn = [...(binding.writesIn ?? []), this.#branch];
        }
        if (pattern.typeAnnotation) this.#annotate(pattern);
        return;
      }
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") {
            const taken: Value[] = pattern.properties.flatMap((it) =>
              it.type === "Property" && !it.computed ? [{ k: "lit", v: nameOfKey(it.key) } as Value] : [],
            );
            this.#assignPattern(
              property.argument,
              property.argument.type === "Identifier" ? { k: "op", op: "rest", args: [value, ...taken] } : UNKNOWN,
              mode,
            );
            continue;
          }
          if (property.computed) {
            this.#expression(property.key, "other");
            this.#assignPattern(property.value as Node, UNKNOWN, mode);
            continue;
          }
          this.#assignPattern(property.value as Node, { k: "get", of: value, name: nameOfKey(property.key) }, mode);
        }
        return;
      case "ArrayPattern":
        pattern.elements.forEach((element, i) => {
          if (!element) return;
          if (element.type === "RestElement") this.#assignPattern(element.argument, UNKNOWN, mode);
          else this.#assignPattern(element, { k: "at", of: value, key: { k: "lit", v: i } }, mode);
        });
        return;
      case "AssignmentPattern": {
        const fallback = this.#expression(pattern.right, "other");
        this.#assignPattern(pattern.left, { k: "either", op: "??", a: value, b: fallback }, mode);
        return;
      }
      case "MemberExpression": {
        const target = this.#expression(pattern, "other");
        this.#assignments.push({ target, value, op: "=", fn: this.#fn, at: spanOf(pattern) });
        return;
      }
      case "TSAsExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        this.#assignPattern(pattern.expression, value, mode);
        return;
    }
  }

  #inBranch(branch: Omit<Branch, "fn" | "parent">, body: () => void): void {
    const outer = this.#branch;
    this.#branches.push({ ...branch, fn: this.#fn, ...(outer >= 0 ? { parent: outer } : {}) });
    this.#branch = this.#branches.length - 1;
    body();
    this.#branch = outer;
  }

  #loopStatement(
    node:
      | TSESTree.ForStatement
      | TSESTree.ForOfStatement
      | TSESTree.ForInStatement
      | TSESTree.WhileStatement
      | TSESTree.DoWhileStatement,
  ): void {
    this.#inScope(false, () => {
      let over: Value | undefined;
      let step: Value | undefined;
      let kind: Loop["kind"];
      if (node.type === "ForStatement") {
        kind = "for";
        if (node.init) {
          if (node.init.type === "VariableDeclaration") {
            this.#declare([node.init]);
            this.#variables(node.init);
          } else this.#expression(node.init, "discard");
        }
        if (node.test) over = this.#expression(node.test, "test");
        if (node.update) step = this.#expression(node.update, "discard");
      } else if (node.type === "ForOfStatement" || node.type === "ForInStatement") {
        kind = node.type === "ForInStatement" ? "for-in" : node.await ? "for-await" : "for-of";
        over = this.#expression(node.right, "other");
        if (node.left.type === "VariableDeclaration") {
          const item: Value = { k: "op", op: kind === "for-in" ? "key" : "item", args: [over] };
          for (const declarator of node.left.declarations) {
            this.#declarePattern(declarator.id, "item");
            this.#assignPattern(declarator.id, item, "init");
          }
        }
      } else {
        kind = node.type === "WhileStatement" ? "while" : "do";
      }
      const outer = this.#loop;
      this.#loops.push({
        kind,
        fn: this.#fn,
        ...(outer >= 0 ? { parent: outer } : {}),
        ...(over ? { over } : {}),
        ...(step ? { step } : {}),
        at: spanOf(node),
        bodyAt: spanOf(node.body),
        exits: false,
      });
      const index = this.#loops.length - 1;
      this.#loop = index;
      if (node.type === "WhileStatement" || node.type === "DoWhileStatement")
        this.#loops[index]!.over = this.#expression(node.test, "test");
      this.#statement(node.body);
      this.#loop = outer;
    });
  }

  #tryStatement(node: TSESTree.TryStatement): void {
    const outer = this.#try;
    const index = this.#tries.length;
    this.#tries.push({
      fn: this.#fn,
      ...(outer >= 0 ? { parent: outer } : {}),
      at: spanOf(node),
      blockAt: spanOf(node.block),
      ...(node.finalizer ? { finallyAt: spanOf(node.finalizer) } : {}),
    });
    if (node.handler) {
      this.#tries[index]!.handler = {
        at: spanOf(node.handler),
        throws: false,
        returns: [],
        size: node.handler.body.body.length,
        jumps: false,
      };
      this.#try = index;
    }
    this.#statement(node.block);
    this.#try = outer;
    if (node.handler) {
      const handler = node.handler;
      const outerCatch = this.#catch;
      this.#catch = index;
      this.#inScope(false, () => {
        if (handler.param) {
          this.#declarePattern(handler.param, "catch");
          if (handler.param.type === "Identifier") {
            const b = this.#lookup(handler.param.name);
            if (b !== undefined) (this.#tries[index]!.handler as { param?: number }).param = b;
          }
        }
        this.#declare(handler.body.body);
        for (const statement of handler.body.body) this.#statement(statement);
      });
      this.#catch = outerCatch;
    }
    if (node.finalizer) this.#statement(node.finalizer);
  }

  #exportNamed(node: TSESTree.ExportNamedDeclaration): void {
    if (node.declaration) {
      this.#statement(node.declaration as Node);
      const declared = node.declaration as Node;
      if (declared.type === "VariableDeclaration") {
        for (const it of declared.declarations)
          eachName(it.id, (id) => {
            this.#exports.push({ name: id.name, value: this.#ref(id.name), at: spanOf(id) });
          });
      } else if ("id" in declared && declared.id && declared.id.type === "Identifier") {
        this.#exports.push({ name: declared.id.name, value: this.#ref(declared.id.name), at: spanOf(declared.id) });
      }
      return;
    }
    if (node.source) {
      const index = this.#addImport(sourceOf(node), "static", node.exportKind === "type", spanOf(node.source));
      for (const it of node.specifiers)
        this.#exports.push({
          name: nameOfKey(it.exported),
          import: index,
          imported: nameOfKey(it.local),
          at: spanOf(it),
        });
      return;
    }
    for (const it of node.specifiers)
      this.#exports.push({ name: nameOfKey(it.exported), value: this.#ref(nameOfKey(it.local)), at: spanOf(it) });
  }

  // Expressions

  #expression(node: Node, use: Use): Value {
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--;
      return UNKNOWN;
    }
    const value = this.#read(node, use);
    this.#depth--;
    return value;
  }

  #read(node: Node, use: Use): Value {
    switch (node.type) {
      case "Identifier":
        return this.#ref(node.name);
      case "Literal":
        if ("bigint" in node && node.bigint) return UNKNOWN;
        if ("regex" in node && node.regex) return { k: "op", op: "regex", args: [{ k: "lit", v: node.regex.pattern }] };
        if (typeof node.value === "string") return { k: "lit", v: node.value, at: spanOf(node) };
        return { k: "lit", v: node.value as number | boolean | null, at: spanOf(node) };
      case "TemplateLiteral":
        return this.#template(node);
      case "ObjectExpression":
        return this.#object(node);
      case "ArrayExpression": {
        const items: Value[] = [];
        let open = false;
        for (const element of node.elements) {
          if (!element) continue;
          if (element.type === "SpreadElement") {
            open = true;
            items.push({ k: "op", op: "spread", args: [this.#expression(element.argument, "element")] });
          } else {
            const value = this.#expression(element, "element");
            if (items.length < MAX_ITEMS) items.push(value);
            else open = true;
          }
        }
        return { k: "arr", items, open, at: spanOf(node) };
      }
      case "CallExpression":
        return this.#call(node, use);
      case "NewExpression":
        return this.#addCall("new", node, node.callee, node.arguments, node.typeArguments, use);
      case "TaggedTemplateExpression": {
        const template = this.#template(node.quasi);
        const callee = this.#expression(node.tag, "other");
        return this.#finishCall(
          "tag",
          node,
          node.tag,
          callee,
          [template],
          [spanOf(node.quasi)],
          undefined,
          node.typeArguments,
          use,
        );
      }
      case "ImportExpression": {
        const specifier = literalText(node.source as Node);
        if (specifier === undefined) {
          return { k: "op", op: "import-computed", args: [this.#expression(node.source, "other")] };
        }
        const index = this.#addImport(specifier, "dynamic", false, spanOf(node.source));
        return { k: "op", op: "import", args: [{ k: "lit", v: index }] };
      }
      case "MemberExpression": {
        if (node.object.type === "Super") {
          return node.computed || node.property.type !== "Identifier"
            ? UNKNOWN
            : { k: "get", of: { k: "super", f: this.#fn }, name: node.property.name };
        }
        const of = this.#expression(node.object, "receiver");
        if (node.computed) {
          const key = this.#expression(node.property, "other");
          if (key.k === "lit" && typeof key.v === "string") return { k: "get", of, name: key.v };
          return { k: "at", of, key };
        }
        return {
          k: "get",
          of,
          name:
            node.property.type === "PrivateIdentifier"
              ? `#${node.property.name}`
              : (node.property as TSESTree.Identifier).name,
        };
      }
      case "ChainExpression":
        return this.#expression(node.expression, use);
      case "AwaitExpression":
        return this.#expression(node.argument, "await");
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
      case "TSInstantiationExpression":
        return this.#expression(node.expression, use);
      case "ArrowFunctionExpression":
      case "FunctionExpression": {
        const hint = this.#hint ?? (node.type === "FunctionExpression" ? node.id?.name : undefined);
        this.#hint = undefined;
        return this.#function(node, hint);
      }
      case "ClassExpression": {
        const hint = this.#hint;
        this.#hint = undefined;
        return this.#class(node, undefined, hint);
      }
      case "LogicalExpression": {
        const a = this.#expression(node.left, node.operator === "&&" ? "test" : use);
        let b: Value = UNKNOWN;
        this.#inBranch({ test: a, at: spanOf(node), thenAt: spanOf(node.right), exits: "no" }, () => {
          b = this.#expression(node.right, use);
        });
        return { k: "either", op: node.operator, a, b };
      }
      case "ConditionalExpression": {
        const test = this.#expression(node.test, "test");
        let a: Value = UNKNOWN;
        let b: Value = UNKNOWN;
        this.#inBranch(
          { test, at: spanOf(node), thenAt: spanOf(node.consequent), elseAt: spanOf(node.alternate), exits: "no" },
          () => {
            a = this.#expression(node.consequent, use);
            b = this.#expression(node.alternate, use);
          },
        );
        return { k: "either", op: "?:", a, b, test };
      }
      case "AssignmentExpression":
        return this.#assignment(node);
      case "BinaryExpression":
        return {
          k: "op",
          op: node.operator,
          args: [this.#expression(node.left as Node, "test"), this.#expression(node.right, "test")],
        };
      case "UnaryExpression": {
        const arg = this.#expression(
          node.argument,
          node.operator === "void" ? "void" : node.operator === "!" ? "test" : "other",
        );
        if (node.operator === "-" && arg.k === "lit" && typeof arg.v === "number") return { k: "lit", v: -arg.v };
        if (node.operator === "void") return { k: "op", op: "void", args: [arg] };
        return { k: "op", op: node.operator, args: [arg] };
      }
      case "UpdateExpression": {
        const target = this.#expression(node.argument, "other");
        // `user.credits++`; what an object counts of itself is no news to anybody.
        if (target.k === "get" && target.of.k !== "this")
          this.#assignments.push({
            target,
            value: { k: "lit", v: 1 },
            op: node.operator === "++" ? "+=" : "-=",
            fn: this.#fn,
            at: spanOf(node),
          });
        return { k: "op", op: node.operator, args: [target] };
      }
      case "SequenceExpression": {
        let last: Value = UNKNOWN;
        node.expressions.forEach((it, i) => {
          last = this.#expression(it, i === node.expressions.length - 1 ? use : "discard");
        });
        return last;
      }
      case "YieldExpression":
        return node.argument ? this.#expression(node.argument, "other") : UNKNOWN;
      case "ThisExpression":
        return this.#cls >= 0 ? { k: "this", f: this.#fn, c: this.#cls } : { k: "this", f: this.#fn };
      case "Super":
        return { k: "super", f: this.#fn };
      case "SpreadElement":
        return this.#expression(node.argument, use);
      case "JSXElement":
      case "JSXFragment":
        this.#hasJsx = true;
        this.#jsx(node);
        return UNKNOWN;
      case "MetaProperty":
        return { k: "op", op: "import.meta", args: [] };
      default:
        return UNKNOWN;
    }
  }

  #template(node: TSESTree.TemplateLiteral): Value {
    const values = node.expressions.map((it) => this.#expression(it, "other"));
    const strings = node.quasis.map((it) => it.value.cooked ?? it.value.raw);
    if (values.length === 0) return { k: "lit", v: strings[0] ?? "", at: spanOf(node) };
    // Both parsers give a quasi's range with its delimiters; the text starts after "`" or "}" in each.
    const at = node.quasis.map((it, i): Span => [startOf(it) + 1, endOf(it) - (i === node.quasis.length - 1 ? 1 : 2)]);
    return { k: "tpl", strings, values, at };
  }

  #object(node: TSESTree.ObjectExpression): Value {
    const props: Prop[] = [];
    for (const property of node.properties) {
      if (property.type === "SpreadElement") {
        props.push({ name: null, value: this.#expression(property.argument, "other"), at: spanOf(property) });
        continue;
      }
      if (property.computed) {
        const computed = this.#expression(property.key, "other");
        const value = this.#expression(property.value as Node, "other");
        if (computed.k === "lit" && typeof computed.v === "string")
          props.push({ name: computed.v, value, at: spanOf(property) });
        else props.push({ name: "", value, computed, at: spanOf(property) });
        continue;
      }
      const name = nameOfKey(property.key);
      this.#hint = name;
      const value = this.#expression(property.value as Node, "other");
      this.#hint = undefined;
      if (property.kind === "get" && value.k === "fn") this.#functions[value.f]!.kind = "getter";
      props.push({ name, value, at: spanOf(property) });
    }
    return { k: "obj", props, at: spanOf(node) };
  }

  #call(node: TSESTree.CallExpression, use: Use): Value {
    const { callee } = node;
    if (
      callee.type === "Identifier" &&
      callee.name === "require" &&
      node.arguments.length === 1 &&
      this.#lookup("require") === undefined
    ) {
      const specifier = literalText(node.arguments[0] as Node);
      if (specifier !== undefined) {
        const index = this.#addImport(specifier, "require", false, spanOf(node.arguments[0] as Node));
        return { k: "op", op: "require", args: [{ k: "lit", v: index }] };
      }
    }
    return this.#addCall("call", node, callee, node.arguments, node.typeArguments, use, node.optional);
  }

  #addCall(
    kind: CallSummary["kind"],
    node: Node,
    calleeNode: Node,
    args: readonly Node[],
    typeArgs: TSESTree.TSTypeParameterInstantiation | undefined | null,
    use: Use,
    optional?: boolean,
  ): Value {
    const hint = this.#hint;
    this.#hint = undefined;
    const callee = this.#expression(calleeNode, "other");
    const values: Value[] = [];
    const spans: Span[] = [];
    let spread: number | undefined;
    args.forEach((arg, i) => {
      if (arg.type === "SpreadElement") spread ??= i;
      if (arg.type === "ArrowFunctionExpression" || arg.type === "FunctionExpression") this.#hint = hint;
      values.push(this.#expression(arg, "argument"));
      this.#hint = undefined;
      spans.push([startOf(arg), endOf(arg)]);
    });
    return this.#finishCall(kind, node, calleeNode, callee, values, spans, spread, typeArgs, use, optional);
  }

  #finishCall(
    kind: CallSummary["kind"],
    node: Node,
    calleeNode: Node,
    callee: Value,
    args: Value[],
    argsAt: Span[],
    spread: number | undefined,
    typeArgs: TSESTree.TSTypeParameterInstantiation | undefined | null,
    use: Use,
    optional?: boolean,
  ): Value {
    const named =
      calleeNode.type === "MemberExpression"
        ? calleeNode.property
        : calleeNode.type === "TSNonNullExpression" || calleeNode.type === "ChainExpression"
          ? calleeNode.expression
          : calleeNode;
    const call: Building<CallSummary> = {
      kind,
      callee,
      args,
      argsAt,
      fn: this.#fn,
      at: [startOf(node), endOf(node)],
      nameAt: [startOf(named), endOf(named)],
      use,
    };
    if (spread !== undefined) call.spread = spread;
    if (typeArgs) call.typeArgs = typeArgs.params.map((it) => this.#type(it) ?? { t: "prim", name: "unknown" });
    if (this.#loop >= 0) call.loop = this.#loop;
    if (this.#try >= 0) call.try = this.#try;
    if (this.#catch >= 0) call.catch = this.#catch;
    if (this.#branch >= 0) call.branch = this.#branch;
    if (optional) call.optional = true;
    this.#calls.push(call);
    return { k: "call", c: this.#calls.length - 1 };
  }

  #assignment(node: TSESTree.AssignmentExpression): Value {
    const left = node.left as Node;
    if (left.type === "MemberExpression") {
      const target = this.#expression(left, "other");
      const name = target.k === "get" ? target.name : undefined;
      this.#hint = name;
      const value = this.#expression(node.right, "assign");
      this.#hint = undefined;
      this.#assignments.push({ target, value, op: node.operator, fn: this.#fn, at: spanOf(node) });
      this.#commonJsExport(target, value, spanOf(node));
      return value;
    }
    if (left.type === "Identifier") this.#hint = left.name;
    const value = this.#expression(node.right, "assign");
    this.#hint = undefined;
    this.#assignPattern(left, value, "write");
    return value;
  }

  #commonJsExport(target: Value, value: Value, at: Span): void {
    if (target.k !== "get" || this.#fn !== 0) return;
    const { of, name } = target;
    if (of.k === "global" && of.name === "module" && name === "exports") {
      this.#exported = value;
      // An empty one only begins what is added to it by name.
      if (value.k !== "obj" || value.props.length > 0) this.#exports.push({ name: "=", value, at });
    } else if (isExports(of) || (of.k === "ref" && this.#holdsExports(this.#bindings[of.b]!.value))) {
      this.#exports.push({ name, value, at });
    }
  }

  /** `const api = module.exports`, `const api = (module.exports = {})`: what is added to the name is exported. */
  #holdsExports(value: Value | undefined): boolean {
    return value !== undefined && (isExports(value) || (value.k === "obj" && value === this.#exported));
  }

  #jsx(node: Node): void {
    // Calls inside markup matter only as calls (event handlers, loaders); their values never do.
    switch (node.type) {
      case "JSXElement":
        for (const attribute of node.openingElement.attributes) {
          if (attribute.type === "JSXSpreadAttribute") this.#expression(attribute.argument, "other");
          else if (attribute.value?.type === "JSXExpressionContainer") this.#jsx(attribute.value);
        }
        for (const child of node.children) this.#jsx(child);
        return;
      case "JSXFragment":
        for (const child of node.children) this.#jsx(child);
        return;
      case "JSXExpressionContainer":
      case "JSXSpreadChild":
        if (node.expression.type !== "JSXEmptyExpression") this.#expression(node.expression, "other");
        return;
      default:
        return;
    }
  }

  // Functions and classes

  #functionName(own: string | undefined): string {
    const prefix =
      this.#cls >= 0 ? `${this.#classes[this.#cls]!.name}.` : this.#fn > 0 ? `${this.#functions[this.#fn]!.name}.` : "";
    const base = prefix + (own ?? "<fn>");
    const count = this.#names.get(base) ?? 0;
    this.#names.set(base, count + 1);
    return own !== undefined && count === 0 ? base : `${prefix}${own ?? ""}<${count + 1}>`;
  }

  #function(
    node:
      | TSESTree.FunctionDeclaration
      | TSESTree.FunctionExpression
      | TSESTree.ArrowFunctionExpression
      | TSESTree.TSEmptyBodyFunctionExpression,
    name: string | undefined,
    method?: { kind: FunctionSummary["kind"]; cls: number; isStatic: boolean; nameAt: Span },
  ): Value {
    const f = this.#functions.length;
    const arrow = node.type === "ArrowFunctionExpression";
    const body = node.body as Node | null | undefined;
    const id = "id" in node ? node.id : null;
    const nameAt: Span =
      method?.nameAt ??
      (id
        ? spanOf(id)
        : arrow
          ? arrowSpan(node, this.#input.text)
          : [startOf(node), Math.min(startOf(node) + 8, endOf(node))]);
    const returnType = node.returnType ? this.#type(node.returnType.typeAnnotation) : undefined;
    const summary: Building<FunctionSummary> = {
      name: this.#functionName(name ?? (this.#hint === "default" ? "default" : undefined)),
      kind: method?.kind ?? (arrow ? "arrow" : "function"),
      parent: this.#fn,
      async: node.async,
      generator: node.generator,
      params: [],
      returns: [],
      at: [startOf(node), endOf(node)],
      nameAt: [nameAt[0], nameAt[1]],
      bodyAt: body ? [startOf(body), endOf(body)] : [endOf(node), endOf(node)],
    };
    if (method) {
      summary.cls = method.cls;
      summary.isStatic = method.isStatic;
    } else if (arrow && this.#cls >= 0 && this.#functions[this.#fn]?.cls === undefined) {
      summary.cls = this.#cls;
    }
    if (returnType) summary.returnType = returnType;
    this.#functions.push(summary);

    const outer = [this.#fn, this.#cls, this.#loop, this.#try, this.#catch, this.#branch] as const;
    this.#fn = f;
    this.#cls = -1;
    this.#loop = this.#try = this.#catch = this.#branch = -1;
    const hint = this.#hint;
    this.#hint = undefined;
    this.#inScope(true, () => {
      if (node.type === "FunctionExpression" && node.id)
        this.#bind(node.id.name, "fn", spanOf(node.id), { value: { k: "fn", f } });
      summary.params = valueParams(node.params as Node[]).map((it, i) => this.#param(it, i));
      if (body) {
        if (body.type === "BlockStatement") {
          const directives = directivesOf(body.body);
          if (directives.length > 0) summary.directives = directives;
          this.#declare(body.body);
          for (const statement of body.body) this.#statement(statement);
        } else {
          (summary.returns as Value[]).push(this.#expression(body, "return"));
        }
      }
    });
    [this.#fn, this.#cls, this.#loop, this.#try, this.#catch, this.#branch] = outer;
    this.#hint = hint;
    return { k: "fn", f };
  }

  #param(node: Node, index: number): Param {
    let inner: Node = node;
    const decorators: Value[] = [];
    let firstDecorator = startOf(node);
    if ("decorators" in inner && inner.decorators)
      for (const it of inner.decorators) {
        firstDecorator = Math.min(firstDecorator, startOf(it));
        decorators.push(this.#decorator(it));
      }
    if (inner.type === "TSParameterProperty") inner = inner.parameter as Node;
    let fallback: Value | undefined;
    let rest = false;
    if (inner.type === "AssignmentPattern") {
      fallback = this.#expression(inner.right, "other");
      inner = inner.left;
    } else if (inner.type === "RestElement") {
      rest = true;
      inner = inner.argument;
    }
    const annotation =
      "typeAnnotation" in inner && inner.typeAnnotation
        ? (inner.typeAnnotation as TSESTree.TSTypeAnnotation)
        : undefined;
    const type = annotation ? this.#type(annotation.typeAnnotation) : undefined;
    const name = inner.type === "Identifier" ? inner.name : "";
    const binding = this.#bind(name === "" ? `<param ${index}>` : name, "param", spanOf(inner), {
      param: index,
      ...(type ? { type } : {}),
      ...(fallback ? { value: fallback } : {}),
    });
    if (inner.type !== "Identifier") {
      this.#declarePattern(inner, "const");
      this.#assignPattern(inner, { k: "ref", b: binding }, "init");
    }
    return {
      name,
      binding,
      ...(type ? { type } : {}),
      ...(fallback ? { default: fallback } : {}),
      optional: (inner.type === "Identifier" && inner.optional === true) || fallback !== undefined,
      rest,
      decorators,
      // The parsers disagree on whether a parameter with a default begins at its decorator.
      at: [firstDecorator, endOf(node)],
    };
  }

  #class(
    node: TSESTree.ClassDeclaration | TSESTree.ClassExpression,
    binding: number | undefined,
    hint?: string,
  ): Value {
    const c = this.#classes.length;
    const name = node.id?.name ?? hint ?? (this.#hint === "default" ? "default" : "<class>");
    const superArgs = (node.superTypeArguments ?? undefined)?.params.map(
      (it) => this.#type(it) ?? ({ t: "prim", name: "unknown" } as TypeRef),
    );
    const members: ClassMember[] = [];
    const summary: Building<ClassSummary> = {
      name,
      ...(binding !== undefined ? { binding } : {}),
      implements: [],
      decorators: [],
      members,
      abstract: node.abstract === true,
      at: [startOf(node), endOf(node)],
      nameAt: node.id ? [startOf(node.id), endOf(node.id)] : [startOf(node), startOf(node) + 5],
    };
    this.#classes.push(summary);
    summary.decorators = (node.decorators ?? []).map((it) => this.#decorator(it));
    if (node.superClass) summary.superClass = this.#expression(node.superClass, "other");
    if (superArgs) summary.superArgs = superArgs;
    summary.implements = (node.implements ?? []).map((it) =>
      this.#heritage(it as unknown as { expression: Node; typeArguments?: Node }),
    );

    const outerCls = this.#cls;
    const outerHint = this.#hint;
    this.#hint = undefined;
    const outer = [this.#loop, this.#try, this.#catch, this.#branch] as const;
    this.#loop = this.#try = this.#catch = this.#branch = -1;
    for (const member of node.body.body) {
      this.#cls = c;
      this.#classMember(member, c, summary, members);
    }
    this.#cls = outerCls;
    this.#hint = outerHint;
    [this.#loop, this.#try, this.#catch, this.#branch] = outer;
    return { k: "class", c };
  }

  #classMember(
    member: TSESTree.ClassElement,
    c: number,
    summary: Building<ClassSummary>,
    members: ClassMember[],
  ): void {
    switch (member.type) {
      case "MethodDefinition":
      case "TSAbstractMethodDefinition": {
        const name = member.computed ? "" : nameOfKey(member.key);
        const decorators = (member.decorators ?? []).map((it) => this.#decorator(it));
        this.#cls = c;
        const kind =
          member.kind === "constructor"
            ? "constructor"
            : member.kind === "get"
              ? "getter"
              : member.kind === "set"
                ? "setter"
                : "method";
        const value = this.#function(member.value as TSESTree.FunctionExpression, name, {
          kind,
          cls: c,
          isStatic: member.static,
          nameAt: spanOf(member.key),
        });
        const fn = (value as { f: number }).f;
        if (kind === "constructor") {
          summary.ctor = fn;
          this.#parameterProperties(member.value.params as Node[], fn, members);
        }
        members.push({
          name,
          isStatic: member.static,
          decorators,
          fn,
          ...(member.type === "TSAbstractMethodDefinition" ? { abstract: true } : {}),
          at: spanOf(member),
        });
        return;
      }
      case "PropertyDefinition":
      case "AccessorProperty":
      case "TSAbstractPropertyDefinition": {
        const name = member.computed ? "" : nameOfKey(member.key);
        const decorators = (member.decorators ?? []).map((it) => this.#decorator(it));
        const type = member.typeAnnotation ? this.#type(member.typeAnnotation.typeAnnotation) : undefined;
        this.#cls = c;
        this.#hint = name;
        const value = member.value ? this.#expression(member.value, "init") : undefined;
        this.#hint = undefined;
        members.push({
          name,
          isStatic: member.static,
          decorators,
          ...(value ? { value } : {}),
          ...(type ? { type } : {}),
          at: spanOf(member),
        });
        return;
      }
      case "StaticBlock":
        this.#block(member.body);
        return;
      default:
        return;
    }
  }

  #parameterProperties(params: readonly Node[], fn: number, members: ClassMember[]): void {
    params.forEach((node, i) => {
      if (node.type !== "TSParameterProperty") return;
      const param = this.#functions[fn]!.params[i]!;
      members.push({
        name: param.name,
        isStatic: false,
        decorators: param.decorators,
        value: { k: "ref", b: param.binding },
        ...(param.type ? { type: param.type } : {}),
        at: param.at,
      });
    });
  }

  #decorator(node: TSESTree.Decorator): Value {
    return this.#expression(node.expression, "other");
  }

  // Types

  #heritage(node: { expression: Node; typeArguments?: Node | null }): TypeRef {
    const name = dotted(node.expression);
    if (name === undefined) return { t: "prim", name: "unknown" };
    return this.#named(name, node.typeArguments as TSESTree.TSTypeParameterInstantiation | undefined);
  }

  #named(name: string, typeArgs: TSESTree.TSTypeParameterInstantiation | undefined | null): TypeRef {
    const b = this.#lookup(name.split(".")[0]!);
    const args = typeArgs?.params
      .slice(0, 4)
      .map((it) => this.#type(it) ?? ({ t: "prim", name: "unknown" } as TypeRef));
    return { t: "name", name, ...(b !== undefined ? { b } : {}), ...(args?.length ? { args } : {}) };
  }

  #type(node: Node): TypeRef | undefined {
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--;
      return undefined;
    }
    const type = this.#readType(node);
    this.#depth--;
    return type;
  }

  #readType(node: Node): TypeRef | undefined {
    switch (node.type) {
      case "TSTypeReference": {
        const name = dotted(node.typeName as Node);
        return name === undefined ? undefined : this.#named(name, node.typeArguments);
      }
      case "TSImportType": {
        const specifier = literalText(node.source as Node);
        const qualifier = node.qualifier ? dotted(node.qualifier as Node) : undefined;
        if (specifier === undefined || qualifier === undefined) return undefined;
        // A namespace import that is written in place.
        const index = this.#addImport(specifier, "static", true, spanOf(node));
        const name = `<import ${index}>`;
        const b = this.#bind(name, "import", spanOf(node), { from: { import: index, name: "*" } });
        const args = node.typeArguments?.params.slice(0, 4).flatMap((it) => this.#type(it) ?? []);
        return { t: "name", name: `${name}.${qualifier}`, b, ...(args?.length ? { args } : {}) };
      }
      case "TSArrayType": {
        const of = this.#type(node.elementType);
        return of ? { t: "array", of } : undefined;
      }
      case "TSUnionType":
      case "TSIntersectionType": {
        const of = node.types
          .slice(0, 12)
          .map((it) => this.#type(it))
          .filter((it) => it !== undefined);
        return { t: "union", of };
      }
      case "TSTypeLiteral":
        return { t: "object", members: this.#typeMembers(node.members) };
      case "TSFunctionType": {
        const returns = node.returnType ? this.#type(node.returnType.typeAnnotation) : undefined;
        const params = valueParams(node.params as Node[]).map((it) => {
          const annotation =
            "typeAnnotation" in it ? (it.typeAnnotation as TSESTree.TSTypeAnnotation | undefined) : undefined;
          return (
            (annotation ? this.#type(annotation.typeAnnotation) : undefined) ??
            ({ t: "prim", name: "unknown" } as TypeRef)
          );
        });
        return { t: "fn", params, ...(returns ? { returns } : {}) };
      }
      case "TSTypeQuery": {
        const name = dotted(node.exprName as Node);
        if (name === undefined) return undefined;
        const [head, ...rest] = name.split(".");
        let of: Value = this.#ref(head!);
        for (const it of rest) of = { k: "get", of, name: it };
        return { t: "typeof", of };
      }
      case "TSIndexedAccessType": {
        const of = this.#type(node.objectType);
        const index = node.indexType.type === "TSLiteralType" ? literalText(node.indexType.literal as Node) : undefined;
        return of && index !== undefined ? { t: "index", of, name: index } : undefined;
      }
      case "TSLiteralType": {
        const literal = node.literal as Node;
        if (
          literal.type === "Literal" &&
          (typeof literal.value === "string" || typeof literal.value === "number" || typeof literal.value === "boolean")
        )
          return { t: "lit", v: literal.value };
        return undefined;
      }
      case "TSTupleType":
        return {
          t: "tuple",
          of: node.elementTypes.slice(0, 12).map((it) => this.#type(it as Node) ?? { t: "prim", name: "unknown" }),
        };
      case "TSTypeOperator":
        return node.typeAnnotation ? this.#type(node.typeAnnotation) : undefined;
      case "TSOptionalType":
        return this.#type(node.typeAnnotation);
      case "TSRestType":
        return undefined;
      case "TSStringKeyword":
        return { t: "prim", name: "string" };
      case "TSNumberKeyword":
        return { t: "prim", name: "number" };
      case "TSBooleanKeyword":
        return { t: "prim", name: "boolean" };
      case "TSUndefinedKeyword":
        return { t: "prim", name: "undefined" };
      case "TSNullKeyword":
        return { t: "prim", name: "null" };
      case "TSAnyKeyword":
        return { t: "prim", name: "any" };
      case "TSUnknownKeyword":
        return { t: "prim", name: "unknown" };
      case "TSVoidKeyword":
        return { t: "prim", name: "void" };
      default:
        return undefined;
    }
  }

  #typeMembers(nodes: readonly Node[]): TypeMember[] {
    const members: TypeMember[] = [];
    for (const node of nodes) {
      if (members.length >= 400) break;
      if (node.type === "TSPropertySignature" && !node.computed) {
        const type = node.typeAnnotation ? this.#type(node.typeAnnotation.typeAnnotation) : undefined;
        members.push({
          name: nameOfKey(node.key as Node),
          ...(type ? { type } : {}),
          optional: node.optional === true,
        });
      } else if (node.type === "TSMethodSignature" && !node.computed) {
        const returns = node.returnType ? this.#type(node.returnType.typeAnnotation) : undefined;
        members.push({
          name: nameOfKey(node.key as Node),
          type: { t: "fn", params: [], ...(returns ? { returns } : {}) },
          optional: node.optional === true,
        });
      }
    }
    return members;
  }
}

function typeParams(node: TSESTree.TSTypeParameterDeclaration | undefined): { params?: string[] } {
  return node?.params.length ? { params: node.params.map((it) => it.name.name) } : {};
}

/** `""` while the specifier is not typed yet. */
/** `exports` and `module.exports`. */
function isExports(value: Value): boolean {
  return (
    (value.k === "global" && value.name === "exports") ||
    (value.k === "get" && value.name === "exports" && value.of.k === "global" && value.of.name === "module")
  );
}

/** `function (this: Server, request)`: the first says what `this` is and takes no argument. */
function valueParams(params: readonly Node[]): readonly Node[] {
  const [first] = params;
  return first?.type === "Identifier" && first.name === "this" ? params.slice(1) : params;
}

function sourceOf(node: { readonly source: { readonly value?: unknown } | null }): string {
  return typeof node.source?.value === "string" ? node.source.value : "";
}

function directivesOf(body: readonly Node[]): string[] {
  const directives: string[] = [];
  for (const node of body) {
    if (
      node.type !== "ExpressionStatement" ||
      node.expression.type !== "Literal" ||
      typeof node.expression.value !== "string"
    )
      break;
    directives.push(node.expression.value);
  }
  return directives;
}

function eachName(pattern: Node, visit: (id: TSESTree.Identifier) => void): void {
  switch (pattern.type) {
    case "Identifier":
      visit(pattern);
      return;
    case "ObjectPattern":
      for (const it of pattern.properties)
        eachName(it.type === "RestElement" ? it.argument : (it.value as Node), visit);
      return;
    case "ArrayPattern":
      for (const it of pattern.elements) if (it) eachName(it, visit);
      return;
    case "AssignmentPattern":
      eachName(pattern.left, visit);
      return;
    case "RestElement":
      eachName(pattern.argument, visit);
      return;
  }
}

function nameOfKey(node: Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type === "PrivateIdentifier") return `#${node.name}`;
  if (node.type === "Literal") return String(node.value);
  return "";
}

function dotted(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "TSQualifiedName") {
    const left = dotted(node.left);
    return left === undefined ? undefined : `${left}.${node.right.name}`;
  }
  if (node.type === "MemberExpression" && !node.computed) {
    const left = dotted(node.object);
    return left === undefined ? undefined : `${left}.${(node.property as TSESTree.Identifier).name}`;
  }
  return undefined;
}

function literalText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** The `=>` of an arrow function: searched backwards from its body, where only blanks, comments and "(" can stand between. */
function arrowSpan(node: TSESTree.ArrowFunctionExpression, text: string): Span {
  const at = text.lastIndexOf("=>", startOf(node.body));
  return at >= startOf(node) ? [at, at + 2] : [startOf(node), startOf(node) + 1];
}

function exitOf(node: Node): Branch["exits"] {
  if (node.type === "ThrowStatement") return "throw";
  if (node.type === "ReturnStatement") return "return";
  if (node.type === "ContinueStatement" || node.type === "BreakStatement") return "jump";
  if (node.type === "BlockStatement") {
    const last = node.body.at(-1);
    return last ? exitOf(last) : "no";
  }
  return "no";
}
