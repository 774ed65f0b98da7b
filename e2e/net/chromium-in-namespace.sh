#!/bin/sh
# Playwright starts this instead of Chromium, so that the browser lives in the network namespace $AMPHI_NETNS.
exec ip netns exec "$AMPHI_NETNS" "$AMPHI_CHROMIUM" "$@"
