/*
 * What proxies need to forward to the hub. The same as in docs/public-address.md, with the hub's own
 * address filled in.
 */

export const PROXIES = ["caddy", "nginx", "cloudflared"] as const;
export type Proxy = (typeof PROXIES)[number];

export type Forwarded = { listen: string; host: string };

const EXAMPLE: Forwarded = { listen: "127.0.0.1:8420", host: "causeway.yourdomain" };

/** What is to be forwarded and under which name; an example stands for what is not known. */
export function forwarded(listen: string, publicUrl: string): Forwarded {
  return { listen: reachedAt(listen.trim()) || EXAMPLE.listen, host: hostOf(publicUrl) || EXAMPLE.host };
}

/** A hub that listens on all addresses is reached on this computer's own. */
function reachedAt(listen: string): string {
  return listen.replace(/^(?:0\.0\.0\.0|\[::\]):/, "127.0.0.1:");
}

function hostOf(url: string): string {
  return /^https?:\/\/([^\s/:]+)/.exec(url.trim())?.[1] ?? "";
}

export function recipe(proxy: Proxy, { listen, host }: Forwarded): string {
  switch (proxy) {
    case "caddy":
      return `${host} {
    handle /hooks/* {
        reverse_proxy ${listen}
    }
    handle {
        respond 404
    }
}
`;
    case "nginx":
      return `server {
    listen 443 ssl;
    server_name ${host};
    ssl_certificate     /etc/ssl/causeway.pem;
    ssl_certificate_key /etc/ssl/causeway.key;
    client_max_body_size 4m;

    location /hooks/ {
        proxy_pass http://${listen};
        proxy_read_timeout 30s;
    }
    location / {
        return 404;
    }
}
`;
    case "cloudflared":
      return `tunnel: YOUR-TUNNEL-ID
credentials-file: /etc/cloudflared/YOUR-TUNNEL-ID.json
ingress:
  - hostname: ${host}
    path: ^/hooks/
    service: http://${listen}
  - service: http_status:404
`;
  }
}
