// The embedded gateway in a process of its own.
const { startEmbeddedYz7 } = await import('../../../dist/testing.js');
const gateway = await startEmbeddedYz7({ name: 'yz7', idc: 'bc', ...JSON.parse(process.argv[2]) });
process.on('disconnect', () => process.exit(0));
process.send({ url: gateway.adminUrl, token: gateway.token });
