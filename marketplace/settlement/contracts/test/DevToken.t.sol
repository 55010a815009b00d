// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Scene} from "./Scene.sol";

contract DevTokenTest is Scene {
    function setUp() public {
        open();
    }

    function test_theTokenHasSixDecimalsAndItsNames() public view {
        vm.assertEq(token.decimals(), 6);
        vm.assertEq(token.name(), "Shardex Dev Dollar");
        vm.assertEq(token.symbol(), "sxUSD");
    }

    function test_theDeployerMints() public {
        token.mint(worker, 5 * ONE);
        vm.assertEq(token.balanceOf(worker), 5 * ONE);
        vm.assertEq(token.totalSupply(), 5 * ONE);
    }

    function test_nobodyElseMints() public {
        vm.prank(worker);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, worker));
        token.mint(worker, 1);
    }
}
