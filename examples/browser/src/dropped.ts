/** What Chromium has besides; the types of TypeScript do not know it. */
interface DroppedItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** The files of a drop, those of folders too. */
export async function droppedFiles({ dataTransfer }: DragEvent): Promise<readonly File[]> {
  // All are asked before the first is waited for: the event's items are gone by then.
  const dropped = await Promise.all([...(dataTransfer?.items ?? [])].map(filesOf));
  return dropped.flat();
}

async function filesOf(item: DroppedItem): Promise<readonly File[]> {
  const entry = item.webkitGetAsEntry();
  const file = item.getAsFile();
  if (entry?.isDirectory !== true) return file === null ? [] : [file];
  // To a page that is a local file itself, Chromium gives no file of such an entry; it does of a handle.
  const handle = await item.getAsFileSystemHandle?.();
  return handle?.kind === 'directory'
    ? filesInHandle(handle as FileSystemDirectoryHandle)
    : filesInEntry(entry as FileSystemDirectoryEntry);
}

async function filesInHandle(folder: FileSystemDirectoryHandle): Promise<readonly File[]> {
  const files: File[] = [];
  for await (const handle of folder.values()) if (handle.kind === 'file') files.push(await handle.getFile());
  return files;
}

async function filesInEntry(folder: FileSystemDirectoryEntry): Promise<readonly File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const entry of entries)
      if (entry.isFile)
        files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
  }
}

/** Children before their parents: what was changed last is the state that the server had. */
export function newestFirst(names: readonly string[], files: readonly File[]): readonly string[] {
  const times = new Map(files.map(({ name, lastModified }) => [name, lastModified]));
  const isChild = (name: string): number => Number(/avhdx?$|delta|snap|child|overlay/i.test(name));
  return [...names].sort((a, b) => isChild(b) - isChild(a) || (times.get(b) ?? 0) - (times.get(a) ?? 0));
}
