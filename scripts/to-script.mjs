// Turns a module of the bundle into a script.
import { parseAst } from 'rolldown/parseAst';

/**
 * The engine can keep compiled code of scripts; of modules Node 20 cannot. The bundler's own scripts look every import
 * up in an object, at each
 * use, which costs a listing of a large volume a fifth: here imports are constants. So no two files may import one
 * another, and nothing that
 * is exported may change later; neither occurs in sources that are modules without side effects.
 * @param {string} code - a module as the bundler writes it
 * @returns {string}
 */
export function toScript(code) {
  const edits = [];
  const exported = [];
  const program = parseAst(code);
  const makers = program.body.flatMap(makersOf);
  const made = program.body.flatMap((node) => requiresMade(node, makers));
  for (const node of program.body) {
    if (made.length > 0 && makersOf(node).length > 0) edits.push({ ...node, text: '' });
    else if (node.type === 'ImportDeclaration') edits.push({ ...node, text: importText(node) });
    else if (node.type === 'ExportNamedDeclaration') {
      const { names, text } = exportText(node);
      exported.push(...names);
      edits.push({ ...node, text });
    } else if (node.type.startsWith('Export')) throw new Error(`the bundler wrote an ${node.type}`);
  }
  // The bundler makes in a file of its own, at every start, what a script has.
  for (const { start, end } of made) edits.push({ start, end, text: 'require' });
  visit(program, (node) => {
    if (made.some((one) => one.start <= node.start && node.end <= one.end)) return;
    if (node.type === 'ImportExpression') {
      edits.push({ start: node.start, end: node.end, text: `Promise.resolve().then(()=>${requireText(node.source)})` });
    } else if (node.type === 'MetaProperty')
      edits.push({
        start: node.start,
        end: node.end,
        text: '{url:require("node:url").pathToFileURL(__filename).href}',
      });
  });
  edits.sort((left, right) => left.start - right.start);
  let text = '"use strict";';
  let at = 0;
  for (const edit of edits) {
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return inAscii(`${text}${code.slice(at)}\n${exported.map((pair) => `exports.${pair};`).join('')}\n`);
}

/** The names by which a module imports `createRequire`. */
function makersOf({ type, source, specifiers }) {
  if (type !== 'ImportDeclaration' || source.value !== 'node:module') return [];
  return specifiers.filter(({ imported }) => imported?.name === 'createRequire').map(({ local }) => local.name);
}

/** Where a module makes its own `require` as soon as it is loaded: `createRequire(import.meta.url)`. */
function requiresMade({ type, declarations }, makers) {
  if (type !== 'VariableDeclaration') return [];
  return declarations
    .map(({ init }) => init)
    .filter((init) => init?.type === 'CallExpression' && makers.includes(init.callee.name))
    .filter(({ arguments: [address] }) => address?.object?.type === 'MetaProperty');
}

/**
 * `\u` for what is not ASCII, where a file has few of it: for a single such character the engine would keep the whole
 * file in two bytes a character. The bundler's output has such characters only in strings and regular expressions.
 */
function inAscii(code) {
  const others = code.match(OTHERS)?.length ?? 0;
  if (others > code.length / 20) return code;
  return code.replace(OTHERS, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const OTHERS = /[^\0-\x7f]/g;

function importText({ specifiers, source }) {
  const from = requireText(source);
  const named = specifiers.filter(({ type }) => type === 'ImportSpecifier');
  const whole = specifiers
    .filter(({ type }) => type !== 'ImportSpecifier')
    .map(({ local }) => `const ${local.name}=${from};`);
  const pairs = named.map(({ imported, local }) => `${imported.name}:${local.name}`);
  return `${whole.join('')}${named.length > 0 ? `const{${pairs.join(',')}}=${from};` : ''}` || `${from};`;
}

/** The files of the bundle are renamed with their content. */
function requireText({ value: literal, quasis }) {
  // The bundler's smallest string is a template without holes.
  const value = quasis?.length === 1 ? quasis[0].value.cooked : literal;
  if (typeof value !== 'string') throw new Error('the bundler wrote an import of a name that is made at run time');
  return `require(${JSON.stringify(value.replace(/^(\.\/.*)\.js$/, '$1.cjs'))})`;
}

function exportText({ declaration, specifiers, source }) {
  if (declaration !== null) throw new Error('the bundler wrote an export with its declaration');
  const from = source === null ? '' : `${requireText(source)}.`;
  return { names: specifiers.map(({ exported, local }) => `${exported.name}=${from}${local.name}`), text: '' };
}

function visit(node, see) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const one of node) visit(one, see);
    return;
  }
  if (typeof node.type === 'string') see(node);
  for (const value of Object.values(node)) visit(value, see);
}
