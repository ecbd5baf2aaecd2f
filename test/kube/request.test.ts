import { describe, expect, it } from 'vitest';
import {
  applyRequest,
  type CallRequest,
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  logsRequest,
  patchRequest,
  replaceRequest,
  requestUrl,
  watchRequest,
} from '../../src/kube/request.js';
import { apiVersionOf, resourcePath, resources } from '../../src/kube/resource.js';

const ref = { namespace: 'shop', name: 'trade-core' };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: ref };
const path = '/apis/apps/v1/namespaces/shop/deployments';
const { deployments, pods, nodes } = resources;

/** A request as one line: method, URL, content type. */
const line = (request: CallRequest): string =>
  [request.method, requestUrl('https://api', request).href.replace('https://api', ''), request.contentType ?? '']
    .join(' ')
    .trim();

describe('the request of a verb', () => {
  const requests: readonly [CallRequest, string, string][] = [
    [getRequest(deployments, ref), `GET ${path}/trade-core`, 'get deployments shop/trade-core'],
    [getRequest(nodes, { name: 'node-1' }), 'GET /api/v1/nodes/node-1', 'get nodes node-1'],
    [listRequest(pods, {}), 'GET /api/v1/pods', 'list pods'],
    [
      listRequest(pods, {
        namespace: 'shop',
        labelSelector: 'app=x,color in (gray)',
        fieldSelector: 'spec.nodeName=node-1',
        limit: 500,
        continue: 'token',
      }),
      'GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dx%2Ccolor+in+%28gray%29&fieldSelector=spec.nodeName%3Dnode-1&limit=500&continue=token',
      'list pods shop',
    ],
    [
      listRequest(pods, { resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' }),
      'GET /api/v1/pods?resourceVersion=0&resourceVersionMatch=NotOlderThan',
      'list pods',
    ],
    [
      watchRequest(pods, { namespace: 'shop', resourceVersion: '7', timeoutSeconds: 300 }),
      'GET /api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300',
      'watch pods shop',
    ],
    [
      watchRequest(pods, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: false }),
      'GET /api/v1/pods?watch=true&allowWatchBookmarks=false&resourceVersionMatch=NotOlderThan&sendInitialEvents=true',
      'watch pods',
    ],
    [
      logsRequest(ref, { container: 'app', tailLines: 10 }),
      'GET /api/v1/namespaces/shop/pods/trade-core/log?container=app&tailLines=10',
      'logs pods shop/trade-core',
    ],
    [
      createRequest(deployments, deployment, { fieldManager: 'me', dryRun: true }),
      `POST ${path}?fieldManager=me&dryRun=All`,
      'create deployments shop/trade-core',
    ],
    [
      replaceRequest(deployments, deployment, { subresource: 'status' }),
      `PUT ${path}/trade-core/status`,
      'replace deployments shop/trade-core',
    ],
    [
      applyRequest(deployments, deployment, { fieldManager: 'me' }),
      `PATCH ${path}/trade-core?fieldManager=me application/apply-patch+yaml`,
      'apply deployments shop/trade-core',
    ],
    [
      applyRequest(deployments, deployment, { fieldManager: 'me', force: true, dryRun: true, subresource: 'scale' }),
      `PATCH ${path}/trade-core/scale?fieldManager=me&dryRun=All&force=true application/apply-patch+yaml`,
      'apply deployments shop/trade-core',
    ],
    [
      patchRequest(deployments, ref, { spec: { paused: true } }, {}),
      `PATCH ${path}/trade-core application/merge-patch+json`,
      'patch deployments shop/trade-core',
    ],
    [deleteRequest(deployments, ref, {}), `DELETE ${path}/trade-core`, 'delete deployments shop/trade-core'],
  ];
  it.each(requests)('%#: is what the API takes, and has a name for errors', (request, wanted, what) => {
    expect([line(request), request.what]).toEqual([wanted, what]);
  });

  it('carries what is to be written', () => {
    const patch = { spec: { paused: true } };
    expect(createRequest(deployments, deployment, {}).body).toBe(deployment);
    expect(patchRequest(deployments, ref, patch, {}).body).toBe(patch);
    const preconditions = { uid: 'u-1', resourceVersion: '7' };
    expect(
      deleteRequest(pods, ref, { preconditions, gracePeriodSeconds: 0, propagationPolicy: 'Background' }).body,
    ).toEqual({ preconditions, gracePeriodSeconds: 0, propagationPolicy: 'Background' });
  });

  it('never forces an apply unless it is told to', () => {
    expect(applyRequest(deployments, deployment, { fieldManager: 'me' }).query).toMatchObject({ force: undefined });
  });
});

describe('requestUrl', () => {
  const servers: readonly [string, string][] = [
    ['https://10.0.0.1:6443', 'https://10.0.0.1:6443/api/v1/pods?limit=1'],
    ['https://10.0.0.1:6443/', 'https://10.0.0.1:6443/api/v1/pods?limit=1'],
    ['https://proxy.example/k8s/clusters/c-1', 'https://proxy.example/k8s/clusters/c-1/api/v1/pods?limit=1'],
    ['https://[fd00::1]:6443', 'https://[fd00::1]:6443/api/v1/pods?limit=1'],
  ];
  it.each(servers)('of server %s is %s', (server, url) => {
    expect(requestUrl(server, listRequest(pods, { limit: 1 })).href).toBe(url);
  });
});

describe('resourcePath', () => {
  const paths: readonly [string, string][] = [
    [resourcePath(pods, {}), '/api/v1/pods'],
    [resourcePath(pods, { namespace: 'shop', name: 'p', subresource: 'log' }), '/api/v1/namespaces/shop/pods/p/log'],
    [resourcePath(resources.leases, ref), '/apis/coordination.k8s.io/v1/namespaces/shop/leases/trade-core'],
    [resourcePath(nodes, { namespace: 'shop', name: 'node-1' }), '/api/v1/nodes/node-1'],
    [resourcePath(pods, { namespace: 'a/b', name: '../secrets' }), '/api/v1/namespaces/a%2Fb/pods/..%2Fsecrets'],
  ];
  it.each(paths)('%#: %s', (path_, wanted) => {
    expect(path_).toBe(wanted);
  });

  it.each(['', '.', '..'])('refuses the name "%s", which would make the path of something else', (name) => {
    expect(() => resourcePath(pods, { namespace: 'shop', name })).toThrow(
      expect.objectContaining({ code: 'KUBE_INVALID', message: `"${name}" is no name of an object` }),
    );
    expect(() => resourcePath(pods, { namespace: name })).toThrow(expect.objectContaining({ code: 'KUBE_INVALID' }));
  });

  it('goes with the version that objects name', () => {
    expect([apiVersionOf(pods), apiVersionOf(deployments)]).toEqual(['v1', 'apps/v1']);
  });
});
