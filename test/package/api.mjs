// One API report per entry under docs/api, made from the built types. With --check a changed report is an error; without,
// the reports are written anew.
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('../../', import.meta.url));
const check = process.argv.includes('--check');
const base = ExtractorConfig.loadFile(`${root}api-extractor.json`);
let ok = true;
for (const entry of ['index', 'constructs', 'testing']) {
  const config = ExtractorConfig.prepare({
    configObject: {
      ...base,
      mainEntryPointFilePath: `${root}dist/${entry}.d.ts`,
      apiReport: { ...base.apiReport, reportFileName: entry === 'index' ? 'youzan-kube.api.md' : `${entry}.api.md` },
    },
    configObjectFullPath: `${root}api-extractor.json`,
    packageJsonFullPath: `${root}package.json`,
  });
  const result = Extractor.invoke(config, { localBuild: !check, showVerboseMessages: false });
  if (!result.succeeded || (check && result.apiReportChanged)) {
    ok = false;
    console.error(
      `${entry}: ${result.apiReportChanged ? 'the public API differs from its report; run "npm run api" and commit docs/api' : `${result.errorCount} errors, ${result.warningCount} warnings`}`,
    );
  } else {
    console.log(`${entry}: API report ${result.apiReportChanged ? 'written' : 'unchanged'}`);
  }
}
process.exit(ok ? 0 : 1);
