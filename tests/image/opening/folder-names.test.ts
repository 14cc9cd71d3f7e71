import { expect, test } from 'vitest';
import { allFormats } from '../../../packages/image/src/all-formats.js';
import { FolderNames } from '../../../packages/image/src/opening/folder-names.js';
import { ToldParents } from '../../../packages/image/src/opening/told-parents.js';

const folder = ['Web.vmdk', 'web-000001.vmdk', 'a.img', 'WEB.vmem', 'web2.qcow2', 'web-flat.vmdk', 'm.vbox', 'b.img'];
const without = (own: string): string[] => folder.filter((name) => name !== own);

test('the names of a folder are taken apart once for all images in it, until one comes or goes', () => {
  const told = new ToldParents();
  // As a run lists them: the first image's own name comes last in the lists of the others.
  const names = [...without('a.img'), 'a.img'];
  const beside = (own: string): string[] => names.filter((name) => name !== own);
  const imagesOf = (listed: readonly string[]): string[] =>
    told.names(listed, 'b.img').where(({ ending }) => ending === 'img');
  const first = told.names(beside('a.img'), 'a.img');
  for (const own of names) expect(told.names(beside(own), own)).toBe(first);
  const fewer = beside('b.img').slice(1);
  expect(told.names(fewer, 'b.img')).not.toBe(first);
  expect(imagesOf(beside('b.img'))).toEqual(['a.img', 'b.img']);
  expect(imagesOf([...beside('b.img'), 'c.img'])).toEqual(['a.img', 'c.img', 'b.img']);
});

test('a list is not taken for that of a folder with another order, or with other names', () => {
  const names = new FolderNames(without('b.img'), 'b.img');
  expect(names.are(without('b.img'), 'b.img')).toBe(true);
  expect(names.are(folder, 'elsewhere.img')).toBe(true);
  expect(names.are(without('a.img'), 'b.img')).toBe(false);
  expect(names.are([...folder].reverse(), 'elsewhere.img')).toBe(false);
  expect(names.are(folder.slice(0, -2), 'b.img')).toBe(false);
  expect(names.are([], 'b.img')).toBe(false);
  expect(names.are([...folder, 'z.img'], 'elsewhere.img')).toBe(false);
});

test('names are asked for by their small letters and endings, and come in the order of the list', () => {
  const names = new FolderNames(without('b.img'), 'b.img');
  expect(names.where(({ lower }) => lower.startsWith('web.'))).toEqual(['Web.vmdk', 'WEB.vmem']);
  expect(names.where(({ ending }) => ending === 'vmdk')).toEqual(['Web.vmdk', 'web-000001.vmdk', 'web-flat.vmdk']);
  expect(names.where(() => false)).toEqual([]);
});

test('names that may be links of a chain are those with the ending of a format that has parents, but for parts', () => {
  const names = new FolderNames([...folder, 'disk-s001.vmdk'], 'b.img');
  const links = names.links(allFormats);
  expect(links).toContain('Web.vmdk');
  expect(links).toContain('web2.qcow2');
  expect(links).not.toContain('a.img');
  expect(links).not.toContain('m.vbox');
  const isPart = (name: string): boolean => allFormats.some(({ partName }) => partName?.test(name) === true);
  expect(links.some(isPart)).toBe(false);
  expect(names.links([])).toEqual([]);
});
