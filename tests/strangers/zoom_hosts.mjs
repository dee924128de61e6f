// Zoom's hosts in this process: every connection over TLS ends at a proxy before the sandbox, whose
// certificate is for those hosts, and NODE_EXTRA_CA_CERTS names it.

import https from "node:https";
import tls from "node:tls";

// What is at which host.
const SERVED = { "zoom.us": "/oauth/", "api.zoom.us": "/v2/" };

/** Zoom's hosts, answered by the sandbox; each host must be asked for what is there. */
async function proxy(origin, key, cert) {
  const server = https.createServer({ key, cert }, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host, authorization, ...sent } = request.headers;
    if (!request.url.startsWith(SERVED[host])) return response.writeHead(421).end();
    const answer = await fetch(origin + request.url, {
      method: request.method,
      headers: {
        ...(authorization && { authorization }),
        ...(sent["content-type"] && { "content-type": sent["content-type"] }),
      },
      body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
      redirect: "manual",
    });
    const headers = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

/** From here on Zoom's names lead to the proxy, and no other name leads anywhere. */
export async function mapHosts(origin, key, cert) {
  const port = await proxy(origin, key, cert);
  process.env.NO_PROXY = "*";
  https.globalAgent = new (class extends https.Agent {
    createConnection(options) {
      if (!(options.host in SERVED)) throw new Error(`it asks ${options.host}`);
      return tls.connect({ ...options, host: "127.0.0.1", port, servername: options.host });
    }
  })();
}
