// Reads the declarations that tsc emitted (*.d.ts) and answers what a package shows to the world.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAst } from 'vitest/node';
import { root } from '../workspace.mjs';

/** The statements of one declaration file, parsed once. */
const parsed = new Map();

function parseFile(path) {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(path, 'utf8');
  const file = { path, text, body: parseAst(text, { lang: 'dts' }).body };
  parsed.set(path, file);
  return file;
}

/** The doc comment that ends right before `start`, or undefined. */
function docBefore(text, start) {
  const before = text.slice(0, start).trimEnd();
  if (!before.endsWith('*/')) return undefined;
  const open = before.lastIndexOf('/**');
  return open < 0 || before.indexOf('*/', open) !== before.length - 2 ? undefined : before.slice(open);
}

const nameOf = (node) => (node.type === 'Identifier' ? node.name : node.value);

/** The names that a declaration statement declares. */
function declaredNames(declaration) {
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.map((each) => each.id.name);
  return declaration.id === null ? [] : [nameOf(declaration.id)];
}

/** Where `specifier` leads from `path`: a declaration file of the same package, or undefined for another package. */
function target(path, specifier) {
  return specifier.startsWith('.') ? join(dirname(path), specifier.replace(/\.js$/, '.d.ts')) : undefined;
}

/**
 * Everything that the declaration file at `path` exports:
 * `{ name, file, statements }` for a declaration of this package (overloads are several statements),
 * `{ name, from }` for a name passed on from another package (`name` is `*` for all of them).
 */
export function exportsOf(path, seen = new Set()) {
  if (seen.has(path)) return [];
  seen.add(path);
  const file = parseFile(path);
  const found = new Map();
  const add = (entry) => {
    const key = entry.name === '*' ? `* from ${entry.from}` : entry.name;
    const earlier = found.get(key);
    if (earlier?.statements !== undefined && entry.statements !== undefined)
      earlier.statements.push(...entry.statements);
    else found.set(key, entry);
  };
  for (const statement of file.body) {
    if (statement.type === 'ExportAllDeclaration') {
      const next = target(path, statement.source.value);
      if (statement.exported !== null) add({ name: nameOf(statement.exported), from: statement.source.value });
      else if (next === undefined) add({ name: '*', from: statement.source.value });
      else for (const entry of exportsOf(next, seen)) add(entry);
    } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration !== null) {
      for (const name of declaredNames(statement.declaration)) add({ name, file, statements: [statement] });
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const specifier of statement.specifiers) add(resolve(file, statement, specifier));
    } else if (statement.type === 'ExportDefaultDeclaration') {
      add({ name: 'default', file, statements: [statement] });
    }
  }
  return [...found.values()];
}

/** Follows one `export { local as name }` to its declaration. */
function resolve(file, statement, specifier) {
  const [local, name] = [nameOf(specifier.local), nameOf(specifier.exported)];
  if (statement.source !== null) return follow(file.path, statement.source.value, local, name);
  for (const other of file.body) {
    if (other.type === 'ImportDeclaration') {
      const imported = other.specifiers.find((each) => each.local.name === local);
      if (imported === undefined) continue;
      const original =
        imported.type === 'ImportSpecifier'
          ? nameOf(imported.imported)
          : imported.type === 'ImportDefaultSpecifier'
            ? 'default'
            : '*';
      return follow(file.path, other.source.value, original, name);
    }
    const declaration = other.declaration ?? other;
    if (
      /Declaration$|Function$/.test(declaration.type) &&
      'id' in declaration &&
      declaredNames(declaration).includes(local)
    )
      return { name, file, statements: [other] };
    if (declaration.type === 'VariableDeclaration' && declaredNames(declaration).includes(local))
      return { name, file, statements: [other] };
  }
  throw new Error(`${file.path}: cannot find what ${name} is`);
}

function follow(path, specifier, original, name) {
  const next = target(path, specifier);
  if (next === undefined) return { name, from: specifier };
  const entry = exportsOf(next).find((each) => each.name === original);
  // A private import (`#sha256`) or a name behind `export *` of another package: the name is all we know.
  if (entry === undefined) return { name, from: specifier };
  return { ...entry, name };
}

const hidden = (member) => member.accessibility === 'private' || member.key?.type === 'PrivateIdentifier';

/** The members of a declared interface, class, or object type. */
function membersOf(statement) {
  const declaration = statement.declaration ?? statement;
  if (declaration.type === 'TSInterfaceDeclaration' || declaration.type === 'ClassDeclaration')
    return declaration.body.body;
  if (declaration.type === 'TSTypeAliasDeclaration' && declaration.typeAnnotation.type === 'TSTypeLiteral')
    return declaration.typeAnnotation.members;
  return [];
}

function memberName(text, member) {
  if (member.key === undefined || member.key === null) return member.type;
  return member.computed ? `[${text.slice(member.key.start, member.key.end)}]` : nameOf(member.key);
}

/**
 * The declarations that `name` stands for where `file` uses it: its own, or those of the module that it is imported
 * from.
 */
function declarationsOf(file, name) {
  for (const statement of file.body) {
    if (statement.type === 'ImportDeclaration') {
      const imported = statement.specifiers.find((each) => each.local.name === name && each.type === 'ImportSpecifier');
      if (imported === undefined) continue;
      const next = target(file.path, statement.source.value) ?? workspaceEntry(statement.source.value);
      const entry =
        next === undefined ? undefined : exportsOf(next).find((each) => each.name === nameOf(imported.imported));
      return entry?.statements === undefined
        ? []
        : entry.statements.map((each) => ({ file: entry.file, declaration: each.declaration ?? each }));
    }
    const declaration = statement.declaration ?? statement;
    if (declaration.id?.name === name) return [{ file, declaration }];
  }
  return [];
}

/** The declarations of another package of the workspace. */
function workspaceEntry(specifier) {
  const match = /^@deadbox\/([^/]+)$/.exec(specifier);
  const path = match === null ? undefined : join(root, 'packages', match[1], 'dist/index.d.ts');
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Members that a declaration promises through `implements` or `extends`: they are described there. */
function inheritedMembers(file, declaration, depth = 0) {
  if (depth > 8) return [];
  const parents = [
    ...(declaration.implements ?? []),
    ...(Array.isArray(declaration.extends) ? declaration.extends : []),
  ].map((each) => each.expression);
  if (declaration.superClass) parents.push(declaration.superClass);
  return parents
    .filter((parent) => parent.type === 'Identifier')
    .flatMap((parent) => declarationsOf(file, parent.name))
    .flatMap((found) => [
      ...membersOf(found.declaration).map((member) => memberName(found.file.text, member)),
      ...inheritedMembers(found.file, found.declaration, depth + 1),
    ]);
}

/**
 * Members whose name and type can say all: properties. What is called has arguments, errors and a result to describe.
 */
const isProperty = (member) =>
  /^(TSPropertySignature|PropertyDefinition|AccessorProperty)$/.test(member.type) || member.kind === 'get';

/** Names in `entry` that have no doc comment: the symbol itself, and the methods that it shows. */
export function undocumented(entry) {
  if (entry.statements === undefined) return [];
  const { text } = entry.file;
  const missing = entry.statements.some((statement) => docBefore(text, statement.start) !== undefined)
    ? []
    : [entry.name];
  const documented = new Set(
    entry.statements.flatMap((statement) => inheritedMembers(entry.file, statement.declaration ?? statement)),
  );
  const members = entry.statements.flatMap(membersOf).filter((member) => !hidden(member) && !isProperty(member));
  // Overloads and get/set pairs share one comment; a constructor is described by its class; well-known symbols by the
  // language.
  for (const member of members)
    if (docBefore(text, member.start) !== undefined) documented.add(memberName(text, member));
  for (const member of members) {
    const name = memberName(text, member);
    if (
      documented.has(name) ||
      name === 'constructor' ||
      name.startsWith('[Symbol.') ||
      /^TS(Index|Call|Construct)/.test(name)
    )
      continue;
    documented.add(name);
    missing.push(`${entry.name}.${name}`);
  }
  return missing;
}

/** `entry` as the lines of an API listing: its declaration without comments and private members. */
export function listing(entry) {
  if (entry.statements === undefined)
    return [entry.name === '*' ? `export * from '${entry.from}';` : `export { ${entry.name} } from '${entry.from}';`];
  return entry.statements.map((statement) => {
    const { text } = entry.file;
    let shown = text.slice(statement.start, statement.end);
    for (const member of membersOf(statement).filter(hidden).reverse()) {
      shown = shown.slice(0, member.start - statement.start) + shown.slice(member.end - statement.start);
    }
    shown = shown
      .replace(/\/\*\*[\s\S]*?\*\//g, '')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .join('\n');
    const declared = declaredNames(statement.declaration ?? statement);
    return declared.includes(entry.name) ? shown : `${shown} // exported as ${entry.name}`;
  });
}
