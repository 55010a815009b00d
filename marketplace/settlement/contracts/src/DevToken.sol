// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token without value, for development chains only
/// @notice Its deployer mints as much as they like. Anywhere else, Settlement is deployed on any
/// ERC-20 with 6 decimals that takes no fee on transfers.
contract DevToken is ERC20, Ownable {
    constructor() ERC20("Shardex Dev Dollar", "sxUSD") Ownable(msg.sender) {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Makes new tokens; the deployer alone may.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
