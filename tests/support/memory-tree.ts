import {
  type ByteSource,
  type DirectoryEntry,
  type EntriesOptions,
  type FileNode,
  type FileTree,
  MemorySource,
  splitPath,
} from '@deadbox/core';

/** Content of a file: bytes, or a source (to count what is read of it). */
export type MemoryContent = Uint8Array<ArrayBuffer> | ByteSource;

interface Folder {
  name: string;
  path: string;
  folders: Map<string, Folder>;
  files: Map<string, { name: string; content: MemoryContent }>;
}

/**
 * A file tree in memory, names compared without case: `memoryTree({ '/Windows/System32/config/SYSTEM': bytes,
 * '/Empty/': undefined })`.
 */
export function memoryTree(files: Record<string, MemoryContent | undefined>): FileTree {
  const root: Folder = { name: '', path: '', folders: new Map(), files: new Map() };
  for (const [path, content] of Object.entries(files)) {
    const parts = splitPath(path);
    const last = content === undefined ? undefined : parts.pop();
    let folder = root;
    for (const part of parts) {
      let next = folder.folders.get(part.toUpperCase());
      if (next === undefined) {
        next = { name: part, path: `${folder.path}/${part}`, folders: new Map(), files: new Map() };
        folder.folders.set(part.toUpperCase(), next);
      }
      folder = next;
    }
    if (last !== undefined && content !== undefined) folder.files.set(last.toUpperCase(), { name: last, content });
  }
  return {
    fileSystem: 'memory',
    lookup(path: string): Promise<FileNode | undefined> {
      const parts = splitPath(path);
      let folder: Folder | undefined = root;
      for (const [i, part] of parts.entries()) {
        const file: { name: string; content: MemoryContent } | undefined = folder.files.get(part.toUpperCase());
        if (i === parts.length - 1 && file !== undefined) return Promise.resolve(fileNode(folder, file));
        folder = folder.folders.get(part.toUpperCase());
        if (folder === undefined) return Promise.resolve(undefined);
      }
      return Promise.resolve(folderNode(folder));
    },
  };
}

function fileNode(folder: Folder, file: { name: string; content: MemoryContent }): FileNode {
  const source = file.content instanceof Uint8Array ? new MemorySource(file.content) : file.content;
  return {
    name: file.name,
    path: `${folder.path}/${file.name}`,
    type: 'file',
    size: source.size,
    modified: 133_658_285_758_000_000n,
    stream: () => Promise.resolve(source),
    async *entries(): AsyncGenerator<readonly DirectoryEntry[]> {},
  };
}

function folderNode(folder: Folder): FileNode {
  return {
    name: folder.name,
    path: folder.path === '' ? '/' : folder.path,
    type: 'directory',
    size: 0,
    stream: () => Promise.reject(new Error('a folder has no stream')),
    async *entries(options?: EntriesOptions): AsyncGenerator<readonly DirectoryEntry[]> {
      const prefix = (options?.prefix ?? '').toUpperCase();
      const nodes = [
        ...[...folder.folders.values()].map(folderNode),
        ...[...folder.files.values()].map((file) => fileNode(folder, file)),
      ];
      yield nodes
        .filter((node) => node.name.toUpperCase().startsWith(prefix))
        .sort((a, b) => (a.name.toUpperCase() < b.name.toUpperCase() ? -1 : 1))
        .map((node) => ({ name: node.name, type: node.type, open: () => Promise.resolve(node) }));
    },
  };
}
