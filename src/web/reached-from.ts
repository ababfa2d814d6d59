import path from 'node:path';

type Graph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

/** Modules that re-export a whole library: their imports say nothing about what is used. */
const LISTS_EVERYTHING =
  /@mantine\/(core|hooks)\/esm\/index\.mjs$|lucide-react\/dist\/esm\/lucide-react\.mjs$/;

/** @returns whether a module is reached from this one by static imports */
export function reachedFrom(file: string): (id: string, graph: Graph) => boolean {
  const reached = new Set<string>();
  return (id, graph) => {
    if (reached.size === 0) {
      const waiting = [path.resolve(import.meta.dirname, file)];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (reached.has(next) || LISTS_EVERYTHING.test(next)) continue;
        reached.add(next);
        waiting.push(...(graph.getModuleInfo(next)?.importedIds ?? []));
      }
    }
    return reached.has(id);
  };
}
