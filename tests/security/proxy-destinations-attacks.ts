type Lists<Names extends string> = Readonly<Record<Names, readonly string[]>>;

/** For a grant for `tool.test` at ports 80 and 443 alone each of these is another place. */
export const elsewhere: Lists<"metadata" | "spellings" | "neighbours" | "ports"> = {
  metadata: [
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://metadata.google.internal/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
  ],
  spellings: [
    ...["http://2852039166/", "http://0251.0376.0251.0376/", "http://0xa9fea9fe/", "http://127.1/"],
    ...["http://0/", "http://[::ffff:127.0.0.1]/", "http://tool.test./", "http://%74ool.test%00/"],
    ...[
      "http://tool.test@evil.test/",
      "http://user:pw@tool.test/",
      "http://tool.test:80@evil.test/",
    ],
    ...["http://evil.test?tool.test", "http://evil.test/http://tool.test/"],
  ],
  neighbours: [
    ...["http://eviltool.test/", "http://tool.test.evil/", "http://x.tool.test/", "http://test/"],
    ...["http://tool-test/", "http://tool.tes/", "http://xn--tol-hoa.test/"],
  ],
  ports: [22, 25, 53, 853, 2375, 6379, 6443, 11_211, 0, 65_535].map(
    (port) => `http://tool.test:${port}/`,
  ),
};

/** Addresses that are nobody's in the world. */
export const specialAddresses: Lists<"v4" | "v6"> = {
  v4: [
    ...["0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.16.0.1", "192.0.0.1"],
    ...["192.0.2.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"],
    ...["240.0.0.1", "255.255.255.255"],
  ],
  v6: [
    ...["::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "ff02::1", "::ffff:169.254.169.254"],
    ...["64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::ffff:8.8.8.8", "2001:db8::1"],
  ],
};

/** Where a server may send its askers, none of which is granted. */
export const redirections: {
  readonly statuses: readonly number[];
  readonly targets: readonly string[];
} = {
  statuses: [301, 302, 303, 307, 308],
  targets: ["http://169.254.169.254/", "file:///etc/passwd", "gopher://x/", "//10.0.0.1/"],
};

/** Names that carry something out, were they looked up. */
export const tellingNames: readonly string[] = [
  `${"a".repeat(60)}.${"a".repeat(60)}.evil.test`,
  ...["x.named.test", "1.1.1.1", "dns.google"],
];
