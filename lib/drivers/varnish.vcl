# Freshet's recipe for Varnish 7 with varnish-modules (vmods blob, std, str, var and xkey).
#
# It makes this Varnish a purge target: many URLs in one request, every Vary variant at once, whole
# directories and tags, hard (removed) or soft (kept, and revalidated by the next visitor). Patterns, and
# directories with more than 16 levels, are bans, which are always hard.
#
# 1. Install varnish-modules, copy this file to /etc/varnish/freshet.vcl, and include it FIRST:
#
#      vcl 4.1;
#      include "/etc/varnish/freshet.vcl";
#
#      backend default { .host = "192.0.2.1"; .port = "80"; }
#
#      # Who may purge. Behind a TLS terminator use PROXY, or client.ip is the terminator's.
#      acl freshet_callers { "127.0.0.1"; "192.0.2.10"; }
#
#      # The same secret as in Freshet's settings of this cache; PURGE is refused while it is empty.
#      sub freshet_secret { var.set("freshet-secret", "choose a long one"); }
#
#      # Your own vcl_recv, vcl_backend_response and so on follow; they run after the ones below.
#
# 2. No start parameter is needed. Keep http_req_hdr_len at 8k, http_req_size and http_resp_size at
#    32k, workspace_client and workspace_backend at 96k or more, max_retries at 1 or more: the
#    defaults. If you raise the sizes, raise the workspaces by as much. With workspace_backend=160k
#    even the largest request and the largest response fit beside the names; with 96k some get a 503.
#
# What to know:
#
# - A URL is purged under the name it has once your vcl_recv is done: if you rewrite the host, drop
#   parameters or sort them, purge the rewritten URL. Host names are in lower case, without a port.
# - PURGE is answered here. A PURGE rule of your own for other tools goes above the include.
# - An expired object is never served while it is refreshed (grace) unless its backend is sick:
#   a soft purge would be answered from grace. Expired objects that have a validator are kept 24 h.
# - A fetch that ran while its host was purged is fetched again, once, and if it was overtaken again,
#   delivered but not kept. So one second after a purge no older fetch can be stored, whatever your
#   time-outs are. That needs streaming: with beresp.do_stream = false or ESI set the domain's
#   in-flight time in Freshet to the longest time that such a body takes.
# - Names cost about 1 KB of memory an object. What was stored before this recipe was loaded has none
#   and is fetched anew. The names are forgotten when the last VCL that imports xkey is discarded, so
#   load a new VCL before you discard the old one, as varnishreload does.
# - A GET with the header Freshet-Probe and the secret is answered here too, for "Test connection". So is
#   a request with Freshet-Prefetch and the secret, after a prefetch: from what is stored and fresh, or
#   with 404.
# - Each ban is tested once with each object: when a visitor asks for it, or by the ban lurker, which can
#   do so because bans look at stored names only. Leave ban_dups on and the lurker running, as they are.
# - The secret is a request header, so whoever may read varnishlog may read it.

import blob;
import std;
import str;
import var;
import xkey;

sub vcl_recv {
  if (req.method == "PURGE") {
    call freshet_authorise;
    call freshet_purge;
  }
  if (req.http.Freshet-Probe) {
    call freshet_authorise;
    return (hash);
  }
  if (req.http.Freshet-Prefetch && req.restarts == 0) {
    call freshet_authorise;
    set req.hash_ignore_busy = true;
  }
}

sub freshet_authorise {
  call freshet_secret;
  if (client.ip !~ freshet_callers
      || !var.get("freshet-secret")
      || var.get("freshet-secret") == ""
      || req.http.Freshet-Secret != var.get("freshet-secret")) {
    return (synth(403, "Forbidden"));
  }
  unset req.http.Freshet-Secret;
}

# The mark comes before the purge: whatever is stored after the purge then meets the mark.
sub freshet_purge {
  if (!req.http.Freshet-Domain || req.http.Freshet-Mode !~ "^(hard|soft)$") {
    return (synth(400, "Freshet-Domain or Freshet-Mode is missing"));
  }
  var.global_set("freshet-mark " + req.http.Freshet-Domain, req.xid);
  if (req.http.Freshet-Bans) {
    call freshet_ban;
  } elseif (req.http.Freshet-Mode == "hard") {
    set req.http.Freshet-Objects = xkey.purge(req.http.Freshet-Keys-1)
      + xkey.purge(req.http.Freshet-Keys-2)
      + xkey.purge(req.http.Freshet-Keys-3)
      + xkey.purge(req.http.Freshet-Keys-4);
  } else {
    set req.http.Freshet-Objects = xkey.softpurge(req.http.Freshet-Keys-1)
      + xkey.softpurge(req.http.Freshet-Keys-2)
      + xkey.softpurge(req.http.Freshet-Keys-3)
      + xkey.softpurge(req.http.Freshet-Keys-4);
  }
  var.set("freshet-answer", "purged");
  return (synth(200, "Purged"));
}

# One expression a line. One that is not taken is removed, so that it is not counted.
sub freshet_ban {
  if (req.http.Freshet-Keys-1 && !std.ban("obj.http.xkey ~ " + req.http.Freshet-Keys-1)) {
    set req.http.Freshet-Error = std.ban_error();
    unset req.http.Freshet-Keys-1;
  }
  if (req.http.Freshet-Keys-2 && !std.ban("obj.http.xkey ~ " + req.http.Freshet-Keys-2)) {
    set req.http.Freshet-Error = std.ban_error();
    unset req.http.Freshet-Keys-2;
  }
  if (req.http.Freshet-Keys-3 && !std.ban("obj.http.xkey ~ " + req.http.Freshet-Keys-3)) {
    set req.http.Freshet-Error = std.ban_error();
    unset req.http.Freshet-Keys-3;
  }
  if (req.http.Freshet-Keys-4 && !std.ban("obj.http.xkey ~ " + req.http.Freshet-Keys-4)) {
    set req.http.Freshet-Error = std.ban_error();
    unset req.http.Freshet-Keys-4;
  }
}

# Freshet compares the keys counted here with the keys it sent, and knows no other proof.
sub vcl_synth {
  if (var.get("freshet-answer") == "purged") {
    set resp.http.Freshet-Recipe = "varnish/3";
    set resp.http.Freshet-Objects = req.http.Freshet-Objects;
    set resp.http.Freshet-Error = req.http.Freshet-Error;
    set resp.http.Freshet-Taken = str.count(
      regsuball(req.http.Freshet-Keys-1, "[^ ]+ ?", "k")
      + regsuball(req.http.Freshet-Keys-2, "[^ ]+ ?", "k")
      + regsuball(req.http.Freshet-Keys-3, "[^ ]+ ?", "k")
      + regsuball(req.http.Freshet-Keys-4, "[^ ]+ ?", "k"));
    set resp.http.Content-Type = "text/plain";
    set resp.body = "";
    return (deliver);
  }
  if (req.http.Freshet-Prefetch) {
    set resp.body = "";
    return (deliver);
  }
}

# After a prefetch Freshet asks whether the next visitor would be served; an origin is not to be asked.
sub freshet_check {
  if (req.http.Freshet-Prefetch) {
    return (synth(404, "Not kept"));
  }
}

sub vcl_miss {
  call freshet_check;
}

sub vcl_pass {
  call freshet_check;
}

sub vcl_pipe {
  call freshet_check;
}

# Here, not in vcl_recv, because your vcl_recv may choose another backend.
sub vcl_hash {
  if (std.healthy(req.backend_hint)) {
    set req.grace = 0s;
  }
}

# What was stored before this recipe was loaded has no names, or those of a recipe that spelled them
# otherwise, so no purge could reach it.
sub vcl_hit {
  if (obj.ttl <= 0s) {
    call freshet_check;
  }
  if (obj.http.xkey !~ "^e~") {
    set req.hash_always_miss = true;
    return (restart);
  }
}

# All that could end the process for want of workspace is done here, while there is plenty: vmods var
# and str assert that there is room for what they return.
sub vcl_backend_fetch {
  var.set("freshet-host", std.tolower(regsub(bereq.http.Host, "\.?(:[0-9]*)?$", "")));
  var.set("freshet-mark", "at " + var.global_get("freshet-mark " + var.get("freshet-host")));
  call freshet_spell;
  call freshet_find_folder;
  var.set("freshet-url", bereq.url);
  if (bereq.http.Freshet-Probe) {
    return (error(200, "Probe"));
  }
}

# A purge may name a URL in another spelling than a visitor: /%71 is /q, and %c3 is %C3. So in names the
# escapes of what separates nothing are undone, and those that stay are in upper case; varnish-keys.ts
# spells alike. Only the first 1,024 characters, since no line of Freshet is longer and workspace is short.
# In the second step % is doubled where it stays, so that it survives the third.
sub freshet_spell {
  var.set("freshet-spelled", bereq.url);
  if (bereq.url ~ "^[^%]{0,1023}%") {
    var.set("freshet-spelled", regsub(bereq.url, "^(.{1024}).*$", "\1"));
    if (var.get("freshet-spelled") ~ "%[0-37][a-f]") {
      var.set("freshet-spelled",
        regsuball(regsuball(regsuball(regsuball(regsuball(regsuball(var.get("freshet-spelled"),
          "%([0-37])a", "%\1A"), "%([0-37])b", "%\1B"), "%([0-37])c", "%\1C"),
          "%([0-37])d", "%\1D"), "%([0-37])e", "%\1E"), "%([0-37])f", "%\1F"));
    }
    var.set("freshet-spelled", blob.transcode(decoding=URL, encoded=regsuball(var.get("freshet-spelled"),
        "%(?!2[27DEde]|3[0-9CEce]|4[1-9A-Fa-f]|7[0-9A-Ea-e]|[5689A-Fa-f][0-9A-Fa-f])", "%25"))
      + regsub(bereq.url, "^.{1,1024}", ""));
    if (bereq.url ~ "^.{1,1024}$" && var.get("freshet-spelled") != bereq.url) {
      var.set("freshet-also", " e~" + var.get("freshet-host") + regsuball(var.get("freshet-spelled"), ",", "<"));
    }
  }
}

# At most 16 directories within 1,024 characters, so that their names fit into the workspace whatever
# visitors ask for. A comma would end a name in xkey; "<" is in no URL, since every browser escapes it.
sub freshet_find_folder {
  var.set("freshet-folder", regsub(var.get("freshet-spelled"), "^(.{1024}).*$", "\1"));
  var.set("freshet-folder", regsub(var.get("freshet-folder"), "^((?:[^/?]*/){1,16}).*$", "\1"));
  var.set("freshet-folder", regsuball(var.get("freshet-folder"), ",", "<"));
  var.set("freshet-folder", str.reverse(var.get("freshet-host") + var.get("freshet-folder")));
}

sub vcl_backend_response {
  if (!bereq.uncacheable) {
    if (var.get("freshet-mark") != "at " + var.global_get("freshet-mark " + var.get("freshet-host"))) {
      if (bereq.retries == 0) {
        # The workspace starts anew, or the second try might find too little of it.
        std.rollback(bereq);
        return (retry);
      }
      set beresp.uncacheable = true;
      set beresp.ttl = 1s;
    }
    call freshet_tag;
    if (beresp.http.ETag || beresp.http.Last-Modified) {
      set beresp.keep = 24h;
    }
  }
}

sub vcl_backend_error {
  # You may keep your error pages for a while; a purge then reaches those too.
  call freshet_tag;
  if (bereq.http.Freshet-Probe) {
    set beresp.ttl = 10s;
    set beresp.grace = 0s;
    set beresp.http.Content-Type = "text/plain";
    set beresp.body = server.identity + " " + bereq.xid + " " + std.random(0, 1000000);
    return (deliver);
  }
}

# The names that a purge may use: the exact URL as it was asked for, which comes first because bans look at
# it, the same as names are spelled where that differs, the URL without its query, each directory above it and each tag of the application, in lower case. What no
# purge can name is not kept.
#
# Of www.example.com/a/b/c the directories are d~b/a/moc.elpmaxe.www, d~a/moc.elpmaxe.www and
# d~moc.elpmaxe.www: backwards, because a pattern can collect all that follows a slash, but not all
# that precedes one.
sub freshet_tag {
  # The answer to a revalidation comes with the names of the stored object, so drop ours first.
  std.collect(beresp.http.xkey, " ");
  std.collect(beresp.http.Cache-Tag, ",");
  set beresp.http.xkey = "e~" + var.get("freshet-host") + regsuball(var.get("freshet-url"), ",", "<")
    + var.get("freshet-also")
    + " q~" + var.get("freshet-host") + regsub(regsuball(var.get("freshet-spelled"), ",", "<"), "\?.*$", "")
    + regsuball(var.get("freshet-folder"), "/(?=(.*))[^/]*", " d~\1")
    + std.tolower(regsuball(beresp.http.Cache-Tag, "[ ,]*([^ ,]+)[ ,]*", " t~" + var.get("freshet-host") + "/\1"))
    + " " + regsuball(beresp.http.xkey, "(^|[ ,])[edqtu]~[^ ,]*", "");
  if (var.get("freshet-host") == "" || var.get("freshet-url") !~ "^/" || beresp.http.xkey !~ "^e~") {
    set beresp.uncacheable = true;
  }
}

sub vcl_deliver {
  unset resp.http.xkey;
}
