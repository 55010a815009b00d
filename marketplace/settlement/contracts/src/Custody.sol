// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice The token took a fee, or its balance moved while it was paid in.
error WrongAmountReceived(uint256 expected, uint256 received);

/// @title Tokens kept for others, which Settlement alone may move on
/// @notice What JobEscrow and StakeVault share: taking in exactly what is booked, and handing over
/// to Settlement what it has credited.
abstract contract Custody is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;
    address public immutable settlement;

    error NotSettlement(address caller);

    modifier onlySettlement() {
        require(msg.sender == settlement, NotSettlement(msg.sender));
        _;
    }

    constructor(IERC20 token_, address settlement_) {
        token = token_;
        settlement = settlement_;
    }

    /// @notice Hands over what a batch has credited, in one transfer.
    function release(uint256 amount) external onlySettlement nonReentrant {
        token.safeTransfer(settlement, amount);
    }

    /// @dev To be called before the books are written: money is booked once it has arrived.
    function _takeIn(address from, uint256 amount) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        require(received == amount, WrongAmountReceived(amount, received));
    }
}
