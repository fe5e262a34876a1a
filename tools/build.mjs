// `npm run build`: everything, from sources to the dashboard's static files. What is up to date is not built again.
import { buildDashboard, buildServer, fail, install, refuseOldNode, refuseUnusableFolder } from './workspace.mjs';

try {
  refuseOldNode();
  refuseUnusableFolder();
  await install();
  await buildServer();
  await buildDashboard();
} catch (error) {
  fail(error);
}
