/** Downloads rows as CSV. @param name file name without extension */
export async function saveCsv(name: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  const { BYTE_ORDER_MARK, writeCsv } = await import('@/lib/csv');
  saveFile(`${name}.csv`, BYTE_ORDER_MARK + writeCsv(rows), 'text/csv;charset=utf-8');
}

/** Downloads a value as JSON. @param name file name without extension */
export function saveJson(name: string, value: unknown): void {
  saveFile(`${name}.json`, `${JSON.stringify(value, null, 2)}\n`, 'application/json');
}

/** Downloads a file. */
function saveFile(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
