// The part of the libsrtp 3 API that mediasoup uses, over libsrtp 2, which is what Debian has.
//
// The two differ in three ways that matter here: a policy is an opaque object with setters (2: a public struct), the
// key and the salt are given apart (2: one buffer), and protect/unprotect write to a second buffer (2: in place).
#pragma once

#include <srtp2/srtp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

// Error codes that libsrtp 2 does not have. libsrtp 2 never returns them; the first is returned below.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

namespace amphi_srtp
{
	// The policy of libsrtp 2, with room for the key it points to.
	struct Policy
	{
		::srtp_policy_t policy{};
		uint8_t key[SRTP_MAX_KEY_LEN]{};
	};

	// libsrtp 2 works in place and counts in int: copy the packet to the output buffer and hand that over.
	template<typename Operation>
	inline srtp_err_status_t inPlace(
	  const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t growth, Operation operation)
	{
		if (*outLen < inLen + growth)
		{
			return srtp_err_status_buffer_small;
		}

		if (out != in)
		{
			std::memcpy(out, in, inLen);
		}

		int len                     = static_cast<int>(inLen);
		const srtp_err_status_t err = operation(out, &len);

		*outLen = static_cast<size_t>(len);

		return err;
	}
} // namespace amphi_srtp

// From here on these names mean the libsrtp 3 ones. libsrtp 2 declares a struct and functions of the same names with
// other signatures: the functions overload, the struct is hidden by the macro.
#define srtp_policy_t amphi_srtp_policy_t
using amphi_srtp_policy_t = amphi_srtp::Policy*;

inline srtp_err_status_t srtp_policy_create(amphi_srtp_policy_t* policy)
{
	*policy = new (std::nothrow) amphi_srtp::Policy();

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(amphi_srtp_policy_t policy)
{
	if (policy)
	{
		// volatile, so that the compiler does not drop the wiping of key material as a dead store.
		for (volatile uint8_t& byte : policy->key)
		{
			byte = 0;
		}
	}

	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(amphi_srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(amphi_srtp_policy_t policy, srtp_profile_t profile)
{
	const srtp_err_status_t err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	if (err != srtp_err_status_ok)
	{
		return err;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  amphi_srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	if (mkiLen != 0 || keyLen + saltLen > sizeof(policy->key))
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(amphi_srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(amphi_srtp_policy_t policy, size_t size)
{
	policy->policy.window_size = static_cast<unsigned long>(size);

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, amphi_srtp_policy_t policy)
{
	return srtp_create(session, &policy->policy);
}

inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return amphi_srtp::inPlace(
	  rtp,
	  rtpLen,
	  srtp,
	  srtpLen,
	  SRTP_MAX_TRAILER_LEN,
	  [ctx](uint8_t* data, int* len) { return srtp_protect(ctx, data, len); });
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t ctx, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return amphi_srtp::inPlace(
	  srtp, srtpLen, rtp, rtpLen, 0, [ctx](uint8_t* data, int* len) { return srtp_unprotect(ctx, data, len); });
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return amphi_srtp::inPlace(
	  rtcp,
	  rtcpLen,
	  srtcp,
	  srtcpLen,
	  // SRTCP adds the 4 octets of its index to what SRTP adds.
	  SRTP_MAX_TRAILER_LEN + 4,
	  [ctx](uint8_t* data, int* len) { return srtp_protect_rtcp(ctx, data, len); });
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t ctx, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return amphi_srtp::inPlace(
	  srtcp,
	  srtcpLen,
	  rtcp,
	  rtcpLen,
	  0,
	  [ctx](uint8_t* data, int* len) { return srtp_unprotect_rtcp(ctx, data, len); });
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	// Both versions look the stream up by the SSRC as it stands in the packet, so the octet order is the caller's.
	return srtp_remove_stream(session, ssrc);
}
