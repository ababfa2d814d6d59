// tsx finds `@/…` by tsconfig.json, except for files below node_modules, where an installed package lies.
import { registerHooks } from 'node:module';

const source = new URL('../src/', import.meta.url);

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.startsWith('@/') ? new URL(specifier.slice(2), source).href : specifier, context),
});
