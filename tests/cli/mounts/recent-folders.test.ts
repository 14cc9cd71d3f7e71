import type { Siblings } from '@deadbox/core';
import { expect, test, vi } from 'vitest';
import { RecentFolders } from '../../../packages/cli/src/input/in-use/recent-folders.node.js';

test('images in a row share the list of their folder for a quarter of a second, each without its own name', async () => {
  let lists = 0;
  const present = ['a.img', 'b.img', 'c.vhdx'];
  const siblings = (own: string): Siblings => ({
    open: () => Promise.resolve(undefined),
    list: () => {
      lists += 1;
      return Promise.resolve(present.filter((name) => name !== own));
    },
  });
  const now = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
  const folders = new RecentFolders();
  const listed = async (folder: string, own: string): Promise<readonly string[]> =>
    [...((await folders.beside(`${folder}/${own}`, siblings(own)).list?.()) ?? [])].sort();
  expect(await listed('/images', 'a.img')).toEqual(['b.img', 'c.vhdx']);
  now.mockReturnValue([1, 249e6]);
  expect(await listed('/images', 'b.img')).toEqual(['a.img', 'c.vhdx']);
  expect(lists).toBe(1);
  present.push('d.img');
  now.mockReturnValue([1, 251e6]);
  expect(await listed('/images', 'b.img')).toEqual(['a.img', 'c.vhdx', 'd.img']);
  expect(await listed('/others', 'b.img')).toEqual(['a.img', 'c.vhdx', 'd.img']);
  expect(lists).toBe(3);
  now.mockRestore();
});
