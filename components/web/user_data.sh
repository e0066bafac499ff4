#!/bin/bash
# Sets up a web server on Amazon Linux 2023, once, at its first boot.
set -euo pipefail

trap 'echo "web set-up failed: line ${LINENO}: ${BASH_COMMAND}"' ERR
set -E

# A new instance's way out may still change under it (address association, NAT): try for five minutes.
retry() {
  local attempt
  for attempt in {1..20}; do
    if "$@"; then
      return
    fi
    echo "attempt ${attempt} of 20 failed: $*" >&2
    sleep 15
  done
  return 1
}

# The agent comes first, so that the log of a set-up that fails can be read.
retry dnf install -y amazon-cloudwatch-agent
retry /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
  -a fetch-config -m ec2 -s -c 'ssm:{{.AgentParameter}}'

# Amazon Linux 2023 has no system log file without rsyslog.
retry dnf install -y rsyslog nginx{{if .Domain}} python3.11{{end}}
systemctl enable --now rsyslog

# An AMI locks the package repositories to its own release, in which patching would never find anything newer.
echo latest >/etc/dnf/vars/releasever

mkdir -p /var/www/html
cat >/var/www/html/index.html <<'END'
<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>{{.Service}}</title></head>
  <body><h1>{{.Service}}</h1><p>The web server is up; no application has been deployed to it yet.</p></body>
</html>
END

# Query strings stay out of the access log: they may hold personal data. Connections live longer than a load balancer's
# idle timeout of 60 seconds, so that it never sends a request on one that is about to close.
cat >/etc/nginx/nginx.conf <<'END'
user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log warn;
pid /run/nginx.pid;

events {
  worker_connections 1024;
}

http {
  include /etc/nginx/mime.types;
  types_hash_max_size 4096;
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  keepalive_timeout 75s;
  log_format json escape=json '{"time":"$time_iso8601","client":"$remote_addr","forwarded_for":"$http_x_forwarded_for","method":"$request_method","path":"$uri","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"agent":"$http_user_agent"}';
  access_log /var/log/nginx/access.log json;
  include /etc/nginx/conf.d/*.conf;
}
END
cat >/etc/nginx/site.conf <<'END'
root /var/www/html;
location = {{.HealthPath}} {
  access_log off;
  default_type text/plain;
  if (-f {{.Draining}}) {
    return 503;
  }
  return 200 "ok";
}
END
cat >/etc/nginx/http.conf <<'END'
server {
  listen {{.Port}} default_server;
  include /etc/nginx/site.conf;
}
END
ln -sf /etc/nginx/http.conf /etc/nginx/conf.d/web.conf

{{- if .Domain}}

# HTTPS. A record proves that the name is ours (DNS-01), so that there is a certificate before the name points here.
# What fails here leaves plain HTTP, and is tried again.
cat >/etc/nginx/https.conf <<'END'
server {
  listen {{.Port}} default_server;
  include /etc/nginx/site.conf;
  location / {
    return 301 https://{{.Domain}}$request_uri;
  }
}
server {
  listen 443 ssl default_server;
  ssl_certificate /etc/letsencrypt/live/{{.Domain}}/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/{{.Domain}}/privkey.pem;
  ssl_protocols TLSv1.2 TLSv1.3;
  include /etc/nginx/site.conf;
}
END

cat >/usr/local/sbin/web-https <<'END'
#!/bin/bash
# Obtains the certificate of {{.Domain}}, turns HTTPS on, and renews the certificate.
set -euo pipefail

if [[ ! -x /opt/certbot/bin/certbot ]]; then
  python3.11 -m venv /opt/certbot
  /opt/certbot/bin/pip install certbot==5.8.0 certbot-dns-route53==5.8.0
fi

/opt/certbot/bin/certbot certonly --non-interactive --agree-tos --no-eff-email --email '{{.Email}}' \
  --dns-route53 --domain '{{.Domain}}' --keep-until-expiring --deploy-hook 'systemctl try-reload-or-restart nginx'

if [[ $(readlink /etc/nginx/conf.d/web.conf) != /etc/nginx/https.conf ]]; then
  ln -sf /etc/nginx/https.conf /etc/nginx/conf.d/web.conf
  systemctl try-reload-or-restart nginx
fi
END
chmod +x /usr/local/sbin/web-https

cat >/etc/systemd/system/web-https.service <<'END'
[Unit]
Description=Certificate of {{.Domain}}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/web-https
END
# Let's Encrypt takes five failed validations an hour.
cat >/etc/systemd/system/web-https.timer <<'END'
[Unit]
Description=Certificate of {{.Domain}}, every quarter of an hour

[Timer]
OnBootSec=1min
OnUnitInactiveSec=15min

[Install]
WantedBy=timers.target
END
systemctl daemon-reload
systemctl start web-https || echo "no certificate yet: the timer tries again" >&2
systemctl enable --now web-https.timer
{{- end}}
{{- if .Balanced}}

# A stop, a reboot or an end of this instance first fails its health check, until the load balancer sends no new requests.
# A unit stops before what it is ordered after.
cat >/etc/systemd/system/web-leave.service <<'END'
[Unit]
Description=Leave the load balancer before this instance stops
Wants=network-online.target
After=network-online.target nginx.service stagecraft.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sh -c 'touch {{.Draining}} && sleep 120'
TimeoutStopSec=150

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now web-leave
{{- end}}
{{- with .Group}}

cat >/usr/local/sbin/web-drain <<'END'
#!/bin/bash
# Waits until the group lets this instance go; then stops serving, ships the last logs, and says that it may end.
set -euo pipefail

metadata=http://169.254.169.254/latest
about() {
  local token
  token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "${metadata}/api/token")
  curl -sf -H "X-aws-ec2-metadata-token: ${token}" "${metadata}/meta-data/$1"
}

# The group says so before the load balancer has waited for the requests that are under way.
until [[ $(about autoscaling/target-lifecycle-state || true) == Terminated ]]; do
  sleep 5
done
sleep {{.DeregistrationDelay}}

# The agent sends what it has read every five seconds.
systemctl stop nginx
sleep 10
systemctl stop amazon-cloudwatch-agent

until aws autoscaling complete-lifecycle-action --region "$(about placement/region)" \
  --auto-scaling-group-name '{{$.GroupName}}' --lifecycle-hook-name '{{$.DrainHook}}' \
  --instance-id "$(about instance-id)" --lifecycle-action-result CONTINUE; do
  sleep 5
done
END
chmod +x /usr/local/sbin/web-drain

cat >/etc/systemd/system/web-drain.service <<'END'
[Unit]
Description=Drain before the group ends this instance
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/local/sbin/web-drain
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now web-drain
{{- end}}
{{- range .Setup}}

setup=$(mktemp)
cat >"${setup}" <<'END'
{{.}}END
retry sh "${setup}"
{{- end}}

# Last, so that no load balancer finds a server healthy that is not set up.
systemctl enable --now nginx
