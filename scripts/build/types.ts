import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes the declarations of what the package exports beside its code. */
export async function buildTypes(root: string): Promise<void> {
  const output = path.join(root, 'dist');
  const { status } = spawnSync(
    path.join(root, 'node_modules', '.bin', 'tsc'),
    ['-p', 'tsconfig.build.json'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error('The declarations could not be made.');
  for (const entry of await readdir(output, { recursive: true })) {
    if (!entry.endsWith('.d.ts')) continue;
    const file = path.join(output, entry);
    const text = await readFile(file, 'utf8');
    const portable = text.replace(
      /(\bfrom |\bimport\(|\bimport )(['"])((?:@\/|\.)[^'"]*)\2/g,
      (_, before: string, quote: string, specifier: string) =>
        before + quote + portableSpecifier(specifier, file, output) + quote,
    );
    if (portable !== text) await writeFile(file, portable);
  }
}

/** `@/lib/rest` and `./engine` as every resolver of declarations finds them: relative, and to a file. */
function portableSpecifier(specifier: string, file: string, output: string): string {
  const target = specifier.startsWith('@/')
    ? path.join(output, specifier.slice(2))
    : path.resolve(path.dirname(file), specifier);
  const bare = target.replace(/\.tsx?$/, '');
  const found = [bare, path.join(bare, 'index')].find((one) => existsSync(`${one}.d.ts`));
  if (!found)
    throw new Error(`${path.relative(output, file)} imports ${specifier}, which has no declaration.`);
  const relative = path.relative(path.dirname(file), found).replaceAll(path.sep, '/');
  return `${relative.startsWith('.') ? '' : './'}${relative}.js`;
}
