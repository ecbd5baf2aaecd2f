// An app with what the hooks call: its health, and the switch that turns it on and off.
import { createServer } from 'node:http';

let online = false;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  if (pathname === '/health') return response.end('{"status":"UP"}');
  if (pathname !== '/_HB_.php') return response.end(`hello from node ${process.versions.node}`);
  const service = searchParams.get('service');
  if (service === 'online' || service === 'offline') online = service === 'online';
  else if (!online) response.statusCode = 404;
  return response.end(online ? 'online' : 'offline');
});
const manage = createServer((request, response) => server.emit('request', request, response));

const host = process.env.LISTEN_HOST ?? '0.0.0.0';
server.listen(process.env.PORT_HTTP, host);
manage.listen(process.env.PORT_MANAGE, host);
process.on('SIGTERM', () => {
  server.close();
  manage.close();
});
