import { fileURLToPath } from 'node:url';

/** Static export: the API process serves `out/` with the same origin, so there is no server code and no dynamic segment here. */
const config = {
  output: 'export',
  trailingSlash: true,
  typedRoutes: false,
  poweredByHeader: false,
  images: { unoptimized: true },
  devIndicators: false,
  // The monorepo's root: the libraries' `dist` lies outside this folder.
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
};

export default config;
